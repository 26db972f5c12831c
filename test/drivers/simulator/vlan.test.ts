import { describe, expect, it } from 'vitest';
import { IDLE_VF, type FabricAction, type HypervisorAction, type VfAttributes } from '../../../src/model/index.js';
import { code, context, host, open, scenarioOf, vf, vm } from './cluster-of.js';
import { commission, migrate, net, start } from './orders.js';

const simulated = () => open(scenarioOf([host('a'), host('b')], [vm('m', 'a', { vf: vf(0) })]));
type Simulated = ReturnType<typeof simulated>;

async function perform({ hypervisor, fabric }: Simulated, ...actions: readonly (HypervisorAction | FabricAction)[]) {
  for (const action of actions) {
    const outcome = await (action.port === 'fabric'
      ? fabric.perform(action, context())
      : hypervisor.perform(action, context()));
    expect(code(outcome)).toBe('done');
  }
}

async function attributes({ hypervisor }: Simulated, on: string, index: number): Promise<VfAttributes> {
  const { hosts } = await hypervisor.observe();
  const found = hosts.find(({ name }) => name === on)?.devices.find(({ bdf }) => bdf === vf(index))?.function;
  if (found?.kind !== 'vf') throw new Error(`${vf(index)} of ${on} is no VF`);
  return found.attributes;
}

const plug = (kind: 'attach' | 'detach', index: number, vlan: number | null): HypervisorAction => ({
  ...{ port: 'hypervisor', kind, machine: 'm', host: 'a' },
  ...{ ...net('m', index), vlan },
});
const set: FabricAction = {
  ...{ port: 'fabric', kind: 'set-vf', machine: 'm', claim: 'net', host: 'b', device: vf(1) },
  attributes: { ...IDLE_VF, vlan: 100, trust: true },
};
const dummy = commission('b', 'm', vf(1));
const decommission: HypervisorAction = { port: 'hypervisor', kind: 'decommission', host: 'b', dummy: dummy.dummy };
const devices = [{ ...net('m', 1), vlan: 100 }];

describe('the VLAN of a VF, which the hypervisor sets when somebody gets it,', () => {
  it('is gone with the dummy under which it was set, while other attributes stay', async () => {
    const simulator = simulated();
    await perform(simulator, dummy, set);
    expect(await attributes(simulator, 'b', 1)).toMatchObject({ vlan: 100, trust: true });
    await perform(simulator, decommission);
    expect(await attributes(simulator, 'b', 1)).toEqual({ ...IDLE_VF, trust: true });
  });

  it.each([
    ['migrates', [migrate('m', 'a', 'b', { strategy: 'failover', devices })]],
    ['starts', [start('b', 'n', { devices: [{ ...net('n', 1), vlan: 100 }] })]],
  ])('comes with the device when a machine %s there', async (_, actions) => {
    const simulator = simulated();
    await perform(simulator, dummy, set, decommission, ...actions);
    expect(await attributes(simulator, 'b', 1)).toMatchObject({ vlan: 100, trust: true });
  });

  it('comes with a device that is attached, whatever was there, and goes when it is detached', async () => {
    const simulator = simulated();
    await perform(simulator, plug('detach', 0, null), plug('attach', 0, 200));
    expect((await attributes(simulator, 'a', 0)).vlan).toBe(200);
    await perform(simulator, plug('detach', 0, 200));
    expect((await attributes(simulator, 'a', 0)).vlan).toBeNull();
    await perform(simulator, { ...set, host: 'a', device: vf(0) }, plug('attach', 0, null));
    expect((await attributes(simulator, 'a', 0)).vlan).toBeNull();
  });
});
