import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IDLE_VF, type FabricAction, type VfAttributes } from '../../src/model/index.js';
import type { ActionContext } from '../../src/ports/index.js';
import { plain, start, told, type Bench } from './bench.js';

const PROFILE = { name: 'midhaul', vlan: 200, trunk: [], acl: [], rateMbps: 0 };
const NEW_MAC = '52:54:00:ff:00:03';

/** What every driver of the network around the hosts keeps. */
export function fabricContract(name: string, open: () => Promise<Bench>): void {
  describe(`${name} keeps the contract of Fabric`, () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await open();
    });
    afterEach(() => bench.close());

    const ask = async (action: FabricAction, context: Partial<ActionContext> = {}): Promise<string> =>
      told(await bench.fabric.perform(action, plain(context)));
    const target = () => ({
      machine: bench.machine.name,
      claim: bench.held.claim,
      host: bench.target,
      device: bench.free[0],
    });
    const profile = (kind: 'apply-port-profile' | 'remove-port-profile'): FabricAction => ({
      port: 'fabric',
      kind,
      ...target(),
      profile: PROFILE,
    });
    const attributes = (kind: 'set-vf' | 'reset-vf', change: Partial<VfAttributes>): FabricAction => ({
      port: 'fabric',
      kind,
      ...target(),
      attributes: { ...IDLE_VF, ...change },
    });
    const observed = async (): Promise<VfAttributes | undefined> => {
      const { hosts } = await bench.hypervisor.observe();
      const device = hosts
        .find((host) => host.name === bench.target)
        ?.devices.find((other) => other.bdf === bench.free[0]);
      return device?.function.kind === 'vf' ? device.function.attributes : undefined;
    };

    it('puts a port profile on the port behind the device and takes it off, each as often as it is asked', async () => {
      const configured = async () => {
        const { switchPorts } = await bench.fabric.observe();
        return switchPorts.filter((port) => port.host === bench.target).flatMap((port) => port.profiles);
      };
      for (let i = 0; i < 2; i++) expect(await ask(profile('apply-port-profile'))).toBe('done');
      const { machine, claim } = target();
      expect(await configured()).toEqual([{ profile: PROFILE.name, machine, claim }]);
      for (let i = 0; i < 2; i++) expect(await ask(profile('remove-port-profile'))).toBe('done');
      expect(await configured()).toEqual([]);
    });

    it('sets the attributes of a VF and makes it idle again', async () => {
      const wanted = { adminMac: NEW_MAC, vlan: 200, trust: true, spoofCheck: false, maxTxMbps: 1000 };
      for (let i = 0; i < 2; i++) expect(await ask(attributes('set-vf', wanted))).toBe('done');
      expect(await observed()).toEqual({ ...IDLE_VF, ...wanted });
      for (let i = 0; i < 2; i++) expect(await ask(attributes('reset-vf', {}))).toBe('done');
      expect(await observed()).toEqual(IDLE_VF);
    });

    it('refuses attributes under an epoch older than one that was seen, so that a late reset does no harm', async () => {
      expect(await ask(attributes('set-vf', { vlan: 200 }), { epoch: 7 })).toBe('done');
      expect(await ask(attributes('reset-vf', {}), { epoch: 3 })).toBe('failed StaleEpoch');
      expect((await observed())?.vlan).toBe(200);
      expect(await ask(attributes('reset-vf', {}), { epoch: 7 })).toBe('done');
    });

    it('lets the address of a machine be prepared for its own replacement, and refuses it on the VF of another', async () => {
      const own = attributes('set-vf', { adminMac: bench.held.mac });
      expect(await ask(own)).toBe('done');
      expect(await ask(attributes('reset-vf', {}))).toBe('done');
      expect(await ask({ ...own, machine: 'another' })).toBe('failed MacInUse');
      expect(await observed()).toEqual(IDLE_VF);
    });

    it('says DeviceMissing for a device that is not there', async () => {
      const missing = { device: '0000:ff:1f.7' };
      for (const action of [profile('apply-port-profile'), attributes('set-vf', {})]) {
        expect(await ask({ ...action, ...missing })).toBe('failed DeviceMissing');
      }
    });

    it('announces an address until the switch has learned it there, and only there', async () => {
      const mac = NEW_MAC;
      const [device] = bench.free;
      const definition = { ...start(bench, bench.target, device).definition, name: 'fresh' };
      const devices = [{ ...bench.held, device, mac, vlan: null }];
      const order = { ...start(bench, bench.target, device), machine: 'fresh', definition: { ...definition, devices } };
      const announce = {
        port: 'fabric',
        kind: 'announce',
        machine: 'fresh',
        host: bench.target,
        device,
        mac,
        vlan: null,
      } as const;
      expect(await ask(announce)).toBe('failed PreconditionFailed');
      expect(told(await bench.hypervisor.perform(order, plain()))).toBe('done');
      expect(await ask(announce)).toBe('done');
      const { switchPorts } = await bench.fabric.observe();
      const learned = switchPorts.filter((port) => port.learned.includes(mac));
      expect(learned.map((port) => port.host)).toEqual([bench.target]);
    });

    it('forwards what still reaches the source, until the time is over or it is told to stop', async () => {
      const { mac } = bench.held;
      const way = { port: 'fabric', machine: bench.machine.name, mac, from: bench.source, to: bench.target } as const;
      const forward = { ...way, kind: 'forward', seconds: 2 } as const;
      const standing = async () => (await bench.fabric.observe()).forwards.map((other) => other.mac);
      for (let i = 0; i < 2; i++) expect(await ask(forward)).toBe('done');
      expect(await standing()).toEqual([mac]);
      for (let i = 0; i < 2; i++) expect(await ask({ ...way, kind: 'unforward' })).toBe('done');
      expect(await standing()).toEqual([]);
      expect(await ask(forward)).toBe('done');
      await bench.clock.sleep(2500);
      expect(await standing()).toEqual([]);
    });
  });
}
