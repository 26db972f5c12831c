import { describe, expect, it } from 'vitest';
import { explain } from '../../src/planner/index.js';
import type { FixtureLines, HostLine, MachineLine, RuleLine } from './fixture-lines.js';
import { fixture } from './fixture.js';

/** `vm` runs on h1; what stands against h2? */
function bindingOn2(host: HostLine, machine: MachineLine, more: Partial<FixtureLines> = {}): string {
  const { desired, world } = fixture({
    ...more,
    hosts: { h1: {}, h2: host },
    machines: { vm: { on: 'h1', ...machine }, ...more.machines },
  });
  return explain(desired, world, 'vm').candidates.find((entry) => entry.host === 'h2')?.constraint ?? 'not asked';
}

function rule(line: RuleLine): Partial<FixtureLines> {
  return { rules: [line] };
}

describe('a host is refused by the constraint that binds it', () => {
  const other: MachineLine = { on: 'h2' };
  const both = ['vm', 'other'];
  const vf: MachineLine = { claims: { net: 'vf' } };
  const claimOn = (host: HostLine, change: object, machine: MachineLine = {}) => {
    const { desired } = fixture({ hosts: {}, machines: { vm: vf } });
    const claims = desired.machines[0]?.claims.map((claim) => ({ ...claim, ...change })) ?? [];
    return bindingOn2(host, { ...vf, ...machine, desired: { claims } });
  };
  const cases: readonly { constraint: string; reason: string; found: () => string }[] = [
    { constraint: '', reason: 'nothing', found: () => bindingOn2({}, vf) },
    { constraint: 'host-state', reason: 'a host that is down', found: () => bindingOn2({ state: 'down' }, {}) },
    { constraint: 'host-state', reason: 'a silent host', found: () => bindingOn2({ state: 'unknown' }, {}) },
    { constraint: 'maintenance', reason: 'a cordon', found: () => bindingOn2({ maintenance: 'cordon' }, {}) },
    { constraint: 'maintenance', reason: 'a drain', found: () => bindingOn2({ maintenance: 'drain' }, {}) },
    { constraint: 'requested-host', reason: 'spec.host', found: () => bindingOn2({}, { host: 'h1' }) },
    {
      constraint: 'pin',
      reason: 'a pin to others',
      found: () => bindingOn2({}, {}, rule({ kind: 'pin', machines: ['vm'], hosts: ['h1'] })),
    },
    {
      constraint: 'ban',
      reason: 'a ban',
      found: () => bindingOn2({}, {}, rule({ kind: 'ban', machines: ['vm'], hosts: ['h2'] })),
    },
    {
      constraint: 'affinity',
      reason: 'a companion elsewhere',
      found: () =>
        bindingOn2(
          {},
          {},
          {
            ...rule({ kind: 'affinity', topology: 'host', machines: both }),
            machines: { other: { on: 'h1' } },
          },
        ),
    },
    {
      constraint: 'anti-affinity',
      reason: 'a rival there',
      found: () =>
        bindingOn2(
          {},
          {},
          { ...rule({ kind: 'anti-affinity', topology: 'host', machines: both }), machines: { other } },
        ),
    },
    {
      constraint: 'anti-affinity',
      reason: 'a rival in the same zone',
      found: () =>
        bindingOn2(
          {},
          {},
          { ...rule({ kind: 'anti-affinity', topology: 'zone', machines: both }), machines: { other } },
        ),
    },
    {
      constraint: 'spread',
      reason: 'too many there already',
      found: () =>
        bindingOn2(
          {},
          {},
          {
            ...rule({ kind: 'spread', topology: 'host', maxSkew: 1, machines: both }),
            machines: { other },
          },
        ),
    },
    {
      constraint: 'latency',
      reason: 'a site too far away',
      found: () =>
        bindingOn2({ latency: { cell: 2 } }, {}, rule({ kind: 'latency', machines: ['vm'], site: 'cell', maxMs: 1 })),
    },
    {
      constraint: 'latency',
      reason: 'a site of which nothing is known',
      found: () => bindingOn2({}, {}, rule({ kind: 'latency', machines: ['vm'], site: 'cell', maxMs: 1 })),
    },
    { constraint: 'ptp', reason: 'no clock', found: () => bindingOn2({}, { desired: { ptp: true } }) },
    {
      constraint: 'isolated-cpus',
      reason: 'too few isolated CPUs',
      found: () => bindingOn2({ isolatedCpus: 1 }, { desired: { isolatedCpus: true } }),
    },
    {
      constraint: 'hugepages',
      reason: 'too few huge pages',
      found: () => bindingOn2({ hugepages: 3 }, { desired: { hugepageSizeKiB: 1_048_576 } }),
    },
    {
      constraint: 'capacity',
      reason: 'too few CPUs',
      found: () => bindingOn2({ cpus: 4 }, { vcpus: 3 }, { machines: { other } }),
    },
    {
      constraint: 'capacity',
      reason: 'too little memory beside the huge pages',
      found: () => bindingOn2({ hugepages: 61 }, {}),
    },
    {
      constraint: 'capacity',
      reason: 'what the host keeps for itself',
      found: () => bindingOn2({ cpus: 4, desired: { reserved: { cpus: 3, memoryMiB: 0 } } }, {}),
    },
    {
      constraint: 'capacity',
      reason: 'CPUs that are handed out more than once, and not so often',
      found: () => bindingOn2({ cpus: 2, desired: { cpuAllocationRatio: 1.5 } }, { vcpus: 4 }),
    },
    {
      constraint: '',
      reason: 'CPUs that are handed out so often',
      found: () => bindingOn2({ cpus: 2, desired: { cpuAllocationRatio: 2 } }, { vcpus: 4 }),
    },
    {
      constraint: 'capacity',
      reason: 'isolated CPUs, which are handed out once',
      found: () => bindingOn2({ cpus: 4, isolatedCpus: 2, desired: { cpuAllocationRatio: 2 } }, { vcpus: 7 }),
    },
    {
      constraint: 'capacity',
      reason: 'no cell that is large enough',
      found: () => bindingOn2({ cells: 2, cpus: 8 }, { vcpus: 6, desired: { numaPinned: true } }),
    },
    { constraint: 'device-class', reason: 'no device of the class', found: () => bindingOn2({ vfs: 0 }, vf) },
    {
      constraint: 'physical-network',
      reason: 'a port in another network',
      found: () =>
        bindingOn2({ desired: { ports: [{ netdev: 'ens0f0', physicalNetwork: 'x', switchPort: '1' }] } }, vf),
    },
    {
      constraint: 'iommu-group',
      reason: 'a group with the port itself',
      found: () => {
        const { world } = fixture({ hosts: { h2: {} } });
        const devices = world.hosts[0]?.devices.map((device) => ({ ...device, iommuGroup: 1 })) ?? [];
        return bindingOn2({ observed: { devices } }, vf);
      },
    },
    {
      constraint: 'numa-locality',
      reason: 'a device on another cell only',
      found: () => {
        const { world } = fixture({ hosts: { h2: { cells: 2 } } });
        const devices = world.hosts[0]?.devices.map((device) => ({ ...device, numaNode: 7 })) ?? [];
        return claimOn({ cells: 2, observed: { devices } }, { numaLocal: true });
      },
    },
    {
      constraint: 'free-devices',
      reason: 'all devices in use',
      found: () => bindingOn2({ vfs: 1 }, vf, { machines: { other: { on: 'h2', claims: { net: 'vf' } } } }),
    },
    {
      constraint: 'load',
      reason: 'a host that it would overload',
      found: () => bindingOn2({ cpu: 0.7 }, { cpu: 8 }),
    },
    {
      constraint: 'strategy',
      reason: 'no strategy that both ends can take',
      found: () => bindingOn2({ live: false }, { ...vf, desired: { strategies: ['vfio-live'] } }),
    },
  ];
  it.each(cases)('$constraint: $reason', ({ constraint, found }) => {
    expect(found()).toBe(constraint);
  });

  it('is refused for what binds it in the cell that comes nearest, not for what another cell lacks', () => {
    const { world } = fixture({ hosts: { h2: { cells: 2 } } });
    const devices = world.hosts[0]?.devices.map((device) => ({ ...device, numaNode: 1 })) ?? [];
    expect(claimOn({ cells: 2, cpu: 0.7, observed: { devices } }, { numaLocal: true }, { cpu: 8 })).toBe('load');
  });

  it('names the cell that has no device', () => {
    const claims = fixture({ hosts: {}, machines: { vm: vf } }).desired.machines[0]?.claims ?? [];
    const { desired, world } = fixture({
      hosts: { h1: {}, h2: { vfs: 0, cells: 2 } },
      machines: {
        vm: { on: 'h1', ...vf, desired: { claims: claims.map((claim) => ({ ...claim, numaLocal: true })) } },
      },
    });
    const hosts = world.hosts.map((host) =>
      host.name === 'h2'
        ? { ...host, devices: [...(world.hosts[0]?.devices ?? [])].map((device) => ({ ...device, numaNode: 7 })) }
        : host,
    );
    const found = explain(desired, { ...world, hosts }, 'vm').candidates.find(({ host }) => host === 'h2');
    expect(found?.message).toBe('cell 0 of h2 has no device of class vf (claim net)');
  });

  it('asks the own host of the machine too, as if the machine were not there', () => {
    const { desired, world } = fixture({ hosts: { h1: { vfs: 1 } }, machines: { vm: { on: 'h1', ...vf } } });
    const found = explain(desired, world, 'vm');
    expect(found).toMatchObject({ host: 'h1', candidates: [{ host: 'h1', here: true, feasible: true }] });
  });
});
