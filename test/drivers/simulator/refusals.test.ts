import { describe, expect, it } from 'vitest';
import type { FabricAction, HypervisorAction, MachineDefinition, Outcome } from '../../../src/model/index.js';
import { IDLE_VF } from '../../../src/model/index.js';
import { code, context, GUEST_ADDRESS, host, macOf, open, scenarioOf, vf, vm, type Opened } from './cluster-of.js';
import { commission, migrate, net, start } from './orders.js';

async function run(
  simulator: Opened,
  ...actions: readonly (HypervisorAction | FabricAction)[]
): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const action of actions) {
    const outcome: Outcome =
      action.port === 'fabric'
        ? await simulator.fabric.perform(action, context())
        : await simulator.hypervisor.perform(action, context());
    answers.push(code(outcome));
  }
  return answers;
}

const nic = { netdev: 'ens1f0', bdf: '0000:3b:00.0', vfs: 4 };
const gpu = { bdf: '0000:41:00.0', vendor: '10de', device: '2330', category: 'gpu', group: 'gpu' } as const;
const audio = { bdf: '0000:41:00.1', vendor: '10de', device: '22a3', group: 'gpu' } as const;

describe('an IOMMU group', () => {
  it('can be held whole by one owner, and no part of it by a second one', async () => {
    const simulator = open(scenarioOf([host('a', { devices: [gpu, audio] })]));
    expect(
      await run(
        simulator,
        commission('a', 'first', gpu.bdf, audio.bdf),
        start('a', 'thief', { devices: [{ ...net('thief', 0), device: audio.bdf, mac: null }] }),
        { port: 'hypervisor', kind: 'decommission', host: 'a', dummy: 'berth-dummy-first-net' },
        commission('a', 'first', gpu.bdf),
        commission('a', 'second', audio.bdf),
      ),
    ).toEqual(['done', 'failed DeviceInUse', 'done', 'done', 'failed DeviceGroupShared']);
  });

  it('of several VFs behind a slot that does not isolate them is one unit', async () => {
    const simulator = open(scenarioOf([host('a', { nics: [{ ...nic, vfsPerGroup: 2 }] })]));
    expect(
      await run(simulator, commission('a', 'm', vf(0)), commission('a', 'n', vf(1)), commission('a', 'o', vf(2))),
    ).toEqual(['done', 'failed DeviceGroupShared', 'done']);
  });

  it('with the port of a NIC in it belongs to the host', async () => {
    const simulator = open(scenarioOf([host('a')]));
    expect(await run(simulator, commission('a', 'm', nic.bdf))).toEqual(['failed DeviceInUse']);
  });
});

describe('a strategy', () => {
  const live = { ...nic, liveMigratable: true };
  const moved = (index: number) => ({ devices: [net('m', index)] });

  it.each([
    ['source', nic, live],
    ['target', live, nic],
  ])('vfio-live is refused when the device on the %s cannot carry its state', async (_, left, right) => {
    const simulator = open(
      scenarioOf([host('a', { nics: [left] }), host('b', { nics: [right] })], [vm('m', 'a', { vf: vf(0) })]),
    );
    const action = migrate('m', 'a', 'b', { strategy: 'vfio-live', ...moved(1) });
    expect(await run(simulator, action)).toEqual(['failed NotSupported']);
  });

  it('failover is refused for a machine without a standby NIC, and for a device that is no VF', async () => {
    const nvme = { bdf: '0000:81:00.0', vendor: '144d', device: 'a80a' };
    const devices = { disk: { bdf: nvme.bdf, guestAddress: '0000:06:00.0' } };
    const hosts = [host('a', { devices: [nvme] }), host('b', { devices: [nvme] })];
    const simulator = open(scenarioOf(hosts, [vm('m', 'a', { vf: vf(0), standby: false }), vm('n', 'a', { devices })]));
    const disk = { claim: 'disk', device: nvme.bdf, guestAddress: '0000:06:00.0', mac: null, vlan: null };
    expect(
      await run(
        simulator,
        migrate('m', 'a', 'b', { strategy: 'failover', ...moved(1) }),
        migrate('n', 'a', 'b', { strategy: 'failover', devices: [disk] }),
      ),
    ).toEqual(['failed NotSupported', 'failed NotSupported']);
  });

  it('leaves the source device free and without the address of the machine', async () => {
    const simulator = open(scenarioOf([host('a'), host('b')], [vm('m', 'a', { vf: vf(0) })]));
    expect(await run(simulator, migrate('m', 'a', 'b', { strategy: 'failover', ...moved(1) }))).toEqual(['done']);
    const { hosts } = await simulator.hypervisor.observe();
    const carriers = hosts.flatMap(({ name, devices }) =>
      devices.flatMap((device) =>
        device.function.kind === 'vf' && device.function.attributes.adminMac === macOf('m')
          ? `${name} ${device.bdf}`
          : [],
      ),
    );
    expect(carriers).toEqual([`b ${vf(1)}`]);
    expect(await run(simulator, commission('a', 'next', vf(0)))).toEqual(['done']);
  });
});

describe('room', () => {
  const cells = [
    { cpus: 8, isolatedCpus: 4, memoryMiB: 16_384, hugepages: { 2048: 2048, 1048576: 4 } },
    { cpus: 8, memoryMiB: 16_384 },
  ];
  const scenario = scenarioOf([host('a', { cells }), host('b')], [vm('m', 'b', { memoryMiB: 9000, dirtyMibps: 1 })]);

  const cases: readonly (readonly [string, Partial<MachineDefinition>, string])[] = [
    ['done', { memoryMiB: 8192, numaNode: 0 }, 'what hugepages left of the memory of a cell'],
    ['failed InsufficientResources', { memoryMiB: 8193, numaNode: 0 }, 'one MiB more'],
    ['done', { memoryMiB: 20_000 }, 'a floating machine over both cells'],
    ['failed InsufficientResources', { memoryMiB: 25_000 }, 'more than both cells have'],
    ['done', { memoryMiB: 4096, hugepageSizeKiB: 1_048_576, numaNode: 0 }, 'all big pages'],
    ['failed InsufficientResources', { memoryMiB: 4097, hugepageSizeKiB: 1_048_576 }, 'a page too many'],
    ['failed InsufficientResources', { hugepageSizeKiB: 2048, numaNode: 1 }, 'pages of the other cell'],
    ['failed InsufficientResources', { hugepageSizeKiB: 4096 }, 'pages of no such size'],
    ['done', { vcpus: 8, numaNode: 1 }, 'all CPUs of a cell'],
    ['failed InsufficientResources', { vcpus: 9, numaNode: 1 }, 'a CPU too many'],
    ['done', { vcpus: 4, isolatedCpus: true, numaNode: 0 }, 'all isolated CPUs'],
    ['failed InsufficientResources', { vcpus: 5, isolatedCpus: true }, 'an isolated CPU too many'],
    ['failed InsufficientResources', { numaNode: 2 }, 'a cell that is not there'],
  ];

  it.each(cases)('is %s for %o: %s', async (expected, definition) => {
    expect(await run(open(scenario), start('a', 'new', definition))).toEqual([expected]);
  });

  it('that is taken stays taken until the machine stops', async () => {
    const take = { memoryMiB: 8192, numaNode: 0 };
    const stop = { port: 'hypervisor', kind: 'stop', machine: 'one', host: 'a' } as const;
    expect(
      await run(open(scenario), start('a', 'one', take), start('a', 'two', take), stop, start('a', 'two', take)),
    ).toEqual(['done', 'failed InsufficientResources', 'done', 'done']);
  });

  it('is asked for before a migration begins, and taken on both hosts while it runs', async () => {
    const pinned = migrate('m', 'b', 'a', { numaNode: 0 });
    expect(await run(open(scenario), pinned)).toEqual(['failed InsufficientResources']);
    const simulator = open(scenario);
    const moving = simulator.hypervisor.perform(migrate('m', 'b', 'a', { numaNode: 1, bandwidthMibps: 10 }), context());
    await simulator.clock.sleep(5000);
    const tooMuch = { memoryMiB: 8000, numaNode: 1 };
    expect(await run(simulator, start('a', 'new', tooMuch), start('b', 'old', { memoryMiB: 24_000 }))).toEqual([
      'failed InsufficientResources',
      'failed InsufficientResources',
    ]);
    expect(code(await moving)).toBe('done');
    expect(await run(simulator, start('b', 'old', { memoryMiB: 24_000 }))).toEqual(['done']);
  });
});

describe('an address', () => {
  const set = (machine: string, at: string, index: number, mac: string | null): FabricAction => ({
    port: 'fabric',
    kind: 'set-vf',
    machine,
    claim: 'net',
    host: at,
    device: vf(index),
    attributes: { ...IDLE_VF, adminMac: mac },
  });

  it('is never on two VFs that guests speak through', async () => {
    const simulator = open(scenarioOf([host('a'), host('b')], [vm('m', 'a', { vf: vf(0) })]));
    const twin = { devices: [{ ...net('twin', 1), mac: macOf('m') }] };
    expect(
      await run(
        simulator,
        start('b', 'twin', twin),
        { ...commission('b', 'm', vf(1)), mac: macOf('m') },
        set('twin', 'b', 2, macOf('m')),
      ),
    ).toEqual(['failed MacInUse', 'failed MacInUse', 'failed MacInUse']);
  });

  it('that was prepared on the replacement survives the dummy, and does not stop the way back', async () => {
    const simulator = open(scenarioOf([host('a'), host('b')], [vm('m', 'a', { vf: vf(0) })]));
    const plugged = { port: 'hypervisor', machine: 'm', host: 'a', ...net('m', 0) } as const;
    expect(
      await run(
        simulator,
        commission('b', 'm', vf(1)),
        set('m', 'b', 1, macOf('m')),
        { ...plugged, kind: 'detach' },
        { port: 'hypervisor', kind: 'decommission', host: 'b', dummy: 'berth-dummy-m-net' },
        { ...plugged, kind: 'attach' },
      ),
    ).toEqual(['done', 'done', 'done', 'done', 'done']);
    const { hosts } = await simulator.hypervisor.observe();
    const prepared = hosts[1]?.devices.find((device) => device.bdf === vf(1));
    expect(prepared?.function).toMatchObject({ attributes: { adminMac: macOf('m') } });
  });

  it('may be prepared for its machine on several VFs, and for nobody else until it is taken off again', async () => {
    const simulator = open(scenarioOf([host('a'), host('b')], []));
    const reset = { ...set('m', 'b', 1, null), kind: 'reset-vf', attributes: IDLE_VF } as FabricAction;
    const mac = macOf('m');
    expect(
      await run(
        simulator,
        set('m', 'b', 1, mac),
        set('m', 'a', 2, mac),
        set('n', 'b', 3, mac),
        reset,
        set('m', 'a', 2, null),
        set('n', 'b', 3, mac),
      ),
    ).toEqual(['done', 'done', 'failed MacInUse', 'done', 'done', 'done']);
  });
});

describe('plugging', () => {
  const plug = (kind: 'attach' | 'detach', index: number, claim = 'net', guestAddress = GUEST_ADDRESS) => {
    const device = { claim, device: vf(index), guestAddress, mac: null, vlan: null };
    return { port: 'hypervisor', kind, machine: 'm', host: 'a', ...device } as const;
  };
  const opened = () => open(scenarioOf([host('a')], [vm('m', 'a', { vf: vf(0) })]));

  it('is refused where another device sits in the guest, and for a claim that has one', async () => {
    const orders = [plug('attach', 1, 'other'), plug('attach', 1), plug('attach', 1, 'other', '0000:06:00.0')];
    expect(await run(opened(), ...orders)).toEqual(['failed Conflict', 'failed Conflict', 'done']);
  });

  it.each(['attach', 'detach'] as const)('is refused to %s under an old epoch', async (kind) => {
    const simulator = opened();
    const device = kind === 'attach' ? plug(kind, 1, 'other', '0000:06:00.0') : plug(kind, 0);
    const other = kind === 'attach' ? plug('detach', 1) : plug('attach', 0);
    await simulator.hypervisor.perform(other, context({ epoch: 4 }));
    expect(code(await simulator.hypervisor.perform(device, context({ epoch: 3 })))).toBe('failed StaleEpoch');
    expect(code(await simulator.hypervisor.perform(device, context({ epoch: 4 })))).toBe('done');
  });
});
