import { describe, expect, it } from 'vitest';
import { brief, document, machine, problemsOf } from './tree.js';

const policy = (name: string, spec: string) => document('PlacementPolicy', name, spec);
const BOTH = '  selector: {names: [vm-1, vm-2]}\n';
const pair = (one = '', two = '') => ({ 'vm-1.yaml': machine('vm-1', one), 'vm-2.yaml': machine('vm-2', two) });
const host = (name: string, group: string, memoryMiB: number) =>
  document('Host', name, `  accessGroup: ${group}\n  zone: z\n  expect: {cpus: 64, memoryMiB: ${memoryMiB}}`);

interface Case {
  readonly reason: string;
  readonly files: Readonly<Record<string, string>>;
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  {
    reason: 'two machines pinned to one host that a policy keeps apart',
    files: { ...pair('  host: host-a', '  host: host-a'), 'p.yaml': policy('apart', `${BOTH}  antiAffinity: {topology: host}`) },
    expected: ['PinAgainstAntiAffinity vm-2.yaml:8:9 + p.yaml:7 + vm-1.yaml:8'],
  },
  {
    reason: 'pins to different hosts of one group, kept apart by access group',
    files: {
      ...pair('  host: host-a', '  host: host-c'),
      'c.yaml': host('host-c', 'rack-1', 131072),
      'p.yaml': policy('apart', `${BOTH}  antiAffinity: {topology: accessGroup}`),
    },
    expected: ['PinAgainstAntiAffinity vm-2.yaml:8:9 + p.yaml:7 + vm-1.yaml:8'],
  },
  {
    reason: 'a pinning policy counts as a pin',
    files: {
      ...pair('  host: host-a'),
      'p.yaml': policy('apart', `${BOTH}  antiAffinity: {topology: host}`),
      'q.yaml': policy('there', '  selector: {names: [vm-2]}\n  pin: {hosts: [host-a]}'),
    },
    expected: ['PinAgainstAntiAffinity q.yaml:7:3 + p.yaml:7 + vm-1.yaml:8'],
  },
  {
    reason: 'bans that leave two machines one host, which a policy keeps apart, are no pins',
    files: {
      ...pair(),
      'p.yaml': policy('apart', `${BOTH}  antiAffinity: {topology: host}`),
      'q.yaml': policy('away', `${BOTH}  ban: {hosts: [host-b]}`),
    },
    expected: ['BanAgainstAntiAffinity q.yaml:7:3 + p.yaml:7 + q.yaml:7'],
  },
  {
    reason: 'a pin to an unknown host contradicts no other pin',
    files: { ...pair('  host: host-a'), 'p.yaml': policy('there', `${BOTH}  pin: {hosts: [host-x]}`) },
    expected: ['UnknownReference p.yaml:7:17'],
  },
  {
    reason: 'pins to different hosts are no contradiction',
    files: { ...pair('  host: host-a', '  host: host-b'), 'p.yaml': policy('apart', `${BOTH}  antiAffinity: {topology: host}`) },
    expected: [],
  },
  {
    reason: 'more machines than hosts to keep them apart on',
    files: {
      ...pair(),
      'vm-3.yaml': machine('vm-3'),
      'p.yaml': policy('apart', '  selector: {names: [vm-1, vm-2, vm-3]}\n  antiAffinity: {topology: host}'),
    },
    expected: ['TooFewUnits p.yaml:7:3 + vm-3.yaml:4'],
  },
  {
    reason: 'a pin and a ban of the same host',
    files: { ...pair('  host: host-a'), 'p.yaml': policy('away', `${BOTH}  ban: {hosts: [host-a]}`) },
    expected: ['PinAgainstBan vm-1.yaml:8:9 + p.yaml:7'],
  },
  {
    reason: 'bans of every host',
    files: { ...pair(), 'p.yaml': policy('away', `${BOTH}  ban: {hosts: [host-a, host-b]}`) },
    expected: ['PinAgainstBan p.yaml:7:3'],
  },
  {
    reason: 'two pins without a common host',
    files: { ...pair('  host: host-a'), 'p.yaml': policy('there', `${BOTH}  pin: {hosts: [host-b]}`) },
    expected: ['PinAgainstPin vm-1.yaml:8:9 + p.yaml:7'],
  },
  {
    reason: 'a pin to a host that is drained',
    files: {
      ...pair('  host: host-a'),
      'hosts/host-a.yaml': document('Host', 'host-a', '  accessGroup: rack-1\n  maintenance: drain'),
    },
    expected: ['PinToDrainedHost vm-1.yaml:8:9 + hosts/host-a.yaml:7'],
  },
  {
    reason: 'a drained host and a free machine is what draining is for',
    files: { ...pair(), 'hosts/host-a.yaml': document('Host', 'host-a', '  accessGroup: rack-1\n  maintenance: drain') },
    expected: [],
  },
  {
    reason: 'kept together and apart at once',
    files: {
      ...pair(),
      'p.yaml': policy('together', `${BOTH}  affinity: {topology: host}`),
      'q.yaml': policy('apart', `${BOTH}  antiAffinity: {topology: zone}`),
    },
    expected: ['AffinityAgainstAntiAffinity p.yaml:7:3 + q.yaml:7'],
  },
  {
    reason: 'together in a zone and apart by host go well together',
    files: {
      ...pair(),
      'p.yaml': policy('together', `${BOTH}  affinity: {topology: zone}`),
      'q.yaml': policy('apart', `${BOTH}  antiAffinity: {topology: host}`),
    },
    expected: [],
  },
  {
    reason: 'kept together and pinned to different zones',
    files: { ...pair('  host: host-a', '  host: host-b'), 'p.yaml': policy('together', `${BOTH}  affinity: {topology: zone}`) },
    expected: ['PinAgainstAffinity p.yaml:7:3 + vm-2.yaml:8'],
  },
  {
    reason: 'pinned to a host that is too small, though another is large enough',
    files: { ...pair('  host: host-a'), 'hosts/host-a.yaml': host('host-a', 'rack-1', 4096) },
    expected: ['MachineTooLarge vm-1.yaml:7:14 + hosts/host-a.yaml:8'],
  },
  {
    reason: 'what is reserved for the host is not there for machines',
    files: {
      'vm.yaml': document('VirtualMachine', 'vm-1', '  vcpus: 64\n  memoryMiB: 1024\n  host: host-a'),
      'hosts/host-a.yaml': document('Host', 'host-a', '  accessGroup: rack-1\n  reserved: {cpus: 1}\n  expect: {cpus: 64}'),
    },
    expected: ['MachineTooLarge vm.yaml:6:10 + hosts/host-a.yaml:8'],
  },
  {
    reason: 'CPUs that a host hands out more than once suffice',
    files: {
      'vm.yaml': document('VirtualMachine', 'vm-1', '  vcpus: 64\n  memoryMiB: 1024\n  host: host-a'),
      'hosts/host-a.yaml': document('Host', 'host-a', '  accessGroup: rack-1\n  cpuAllocationRatio: 1.5\n  expect: {cpus: 48}'),
    },
    expected: [],
  },
  {
    reason: 'a suspended machine takes nothing: should it run, it does so already',
    files: {
      'vm-1.yaml': machine('vm-1', '  host: host-a'),
      'vm-2.yaml': document('VirtualMachine', 'vm-2', '  vcpus: 640\n  memoryMiB: 999999\n  suspend: true\n  host: host-a'),
      'vm-3.yaml': document('VirtualMachine', 'vm-3', '  vcpus: 64\n  memoryMiB: 131072\n  suspend: true\n  host: host-a'),
    },
    expected: [],
  },
  {
    reason: 'a host that states nothing might be large enough',
    files: { ...pair('  host: host-a'), 'hosts/host-a.yaml': document('Host', 'host-a', '  accessGroup: rack-1') },
    expected: [],
  },
  {
    reason: 'a machine that needs PTP where the host is said to have none',
    files: {
      'vm.yaml': machine('vm-1', '  ptp: true\n  host: host-a'),
      'hosts/host-a.yaml': document('Host', 'host-a', '  accessGroup: rack-1\n  expect: {ptp: false}'),
    },
    expected: ['MachineTooLarge vm.yaml:8:8 + hosts/host-a.yaml:7'],
  },
  {
    reason: 'machines pinned to one host that are too large together',
    files: { ...pair('  host: host-a', '  host: host-a'), 'hosts/host-a.yaml': host('host-a', 'rack-1', 12000) },
    expected: ['CapacityExceeded hosts/host-a.yaml:8:11 + vm-1.yaml:7 + vm-2.yaml:7'],
  },
  {
    reason: 'machines pinned into one group that are too large for it',
    files: {
      ...pair(),
      'vm-3.yaml': machine('vm-3'),
      'hosts/host-a.yaml': host('host-a', 'rack-1', 9000),
      'c.yaml': host('host-c', 'rack-1', 9000),
      'p.yaml': policy('there', '  selector: {names: [vm-1, vm-2, vm-3]}\n  pin: {hosts: [host-a, host-c]}'),
    },
    expected: ['CapacityExceeded groups.yaml:4:9 + vm-1.yaml:7 + vm-2.yaml:7 + vm-3.yaml:7'],
  },
  {
    reason: 'more machines than the whole cluster can hold',
    files: {
      ...pair(),
      'vm-3.yaml': machine('vm-3'),
      'hosts/host-a.yaml': host('host-a', 'rack-1', 9000),
      'hosts/host-b.yaml': host('host-b', 'rack-2', 9000),
      'class.yaml': document('DeviceClass', 'fronthaul-vf', '  type: vf'),
    },
    expected: ['CapacityExceeded cluster.yaml:4:9 + vm-1.yaml:7 + vm-2.yaml:7 + vm-3.yaml:7'],
  },
  {
    reason: 'two migration policies that select one machine',
    files: {
      ...pair(),
      'm.yaml': document('MigrationPolicy', 'one', '  selector: {names: [vm-1]}'),
      'n.yaml': document('MigrationPolicy', 'two', '  selector: {names: [vm-1, vm-2]}'),
    },
    expected: ['AmbiguousMigrationPolicy n.yaml:6:13 + m.yaml:6'],
  },
  {
    reason: 'two migration policies for all the others',
    files: { 'm.yaml': document('MigrationPolicy', 'one', ''), 'n.yaml': document('MigrationPolicy', 'two', '') },
    expected: ['AmbiguousMigrationPolicy n.yaml:4:9 + m.yaml:4'],
  },
  {
    reason: 'a machine and a policy without a common strategy',
    files: {
      'vm.yaml': machine('vm-1', '  strategies: [cold]'),
      'm.yaml': document('MigrationPolicy', 'one', '  strategies: [vfio-live]'),
    },
    expected: ['NoStrategy vm.yaml:8:15 + m.yaml:6'],
  },
  {
    reason: 'a machine that can never move is worth a warning',
    files: {
      'vm.yaml': machine('vm-1', '  strategies: [vfio-live]\n  devices: [{name: gpu, class: gpu}]'),
      'gpu.yaml': document('DeviceClass', 'gpu', '  type: function'),
    },
    expected: ['CannotMove vm.yaml:9:20 + gpu.yaml:4'],
  },
  {
    reason: 'an address of zeros',
    files: { 'vm.yaml': machine('vm-1', '  devices: [{name: n, class: fronthaul-vf, mac: "00:00:00:00:00:00"}]') },
    expected: ['BadMac vm.yaml:8:49'],
  },
  {
    reason: 'two claims of one machine with one address',
    files: {
      'vm.yaml': machine('vm-1', '  devices:\n    - {name: a, class: fronthaul-vf, mac: "52:54:00:00:00:01"}\n    - {name: b, class: fronthaul-vf, mac: "52:54:00:00:00:01"}'),
    },
    expected: ['DuplicateMac vm.yaml:10:43 + vm.yaml:9'],
  },
  {
    reason: 'load policies that bring together and spread on the same hosts',
    files: {
      'a.yaml': document('LoadPolicy', 'night', '  goal: consolidate'),
      'b.yaml': document('LoadPolicy', 'day', '  goal: balance\n  hosts: {names: [host-b]}'),
    },
    expected: ['OpposedGoals a.yaml:4:9 + b.yaml:4'],
  },
  {
    reason: 'nothing, where one of the load policies that would undo each other is suspended',
    files: {
      'a.yaml': document('LoadPolicy', 'night', '  goal: consolidate\n  suspend: true'),
      'b.yaml': document('LoadPolicy', 'day', '  goal: balance'),
    },
    expected: [],
  },
  {
    reason: 'a slot that the goal does not keep free',
    files: { 'l.yaml': document('LoadPolicy', 'l', '  goal: balance\n  slot: {vcpus: 8, memoryMiB: 16384}') },
    expected: ['UnusedSlot l.yaml:7:9'],
  },
]; // prettier-ignore

describe('documents that contradict each other are told with both places', () => {
  it.each(CASES)('$reason', async ({ files, expected }) => {
    expect((await problemsOf(files)).map(brief)).toEqual(expected);
  });

  it.each([
    {
      reason: 'CPUs',
      spec: 'vcpus: 60\n  memoryMiB: 1',
      hint: /^let hosts hand CPUs out more often \(spec\.cpuAllocationRatio\), /,
    },
    { reason: 'memory', spec: 'vcpus: 1\n  memoryMiB: 100000', hint: /^memory is handed out once: / },
  ])('names the field that helps where $reason lack', async ({ spec, hint }) => {
    const vm = (name: string) => document('VirtualMachine', name, `  ${spec}\n  host: host-a`);
    const [found] = await problemsOf({ 'vm-1.yaml': vm('vm-1'), 'vm-2.yaml': vm('vm-2') });
    expect(found).toMatchObject({ code: 'CapacityExceeded', hint: expect.stringMatching(hint) as string });
  });

  it('lets nothing be planned where goals on one host would undo each other without end, and says what to do', async () => {
    const [found] = await problemsOf({
      'a.yaml': document('LoadPolicy', 'night', '  goal: consolidate'),
      'b.yaml': document('LoadPolicy', 'day', '  goal: balance'),
    });
    expect(found).toMatchObject({ code: 'OpposedGoals', severity: 'error' });
    expect(found?.hint).toMatch(/^take host-\w out of the hosts of one of the two, or suspend one of them/);
  });
});
