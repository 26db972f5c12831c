import { describe, expect, it } from 'vitest';
import { changeStep } from './corrupt.js';
import { codesOf, LIVE, UPF } from './refusal-case.js';
import type { RefusalCase } from './refusal-case.js';

const apart = { kind: 'anti-affinity', topology: 'host', machines: ['a', 'b'] } as const;
const swap = {
  hosts: UPF.hosts,
  machines: { a: { on: 'h1' }, b: { on: 'h2' } },
  rules: [apart],
} as const;
const trio = { a: { on: 'h1' }, b: { on: 'h1' }, c: { on: 'h1' } } as const;
const zones = { h1: { zone: 'x' }, h2: { zone: 'y' }, h3: { zone: 'z' } } as const;
const spread = { kind: 'spread', topology: 'zone', maxSkew: 1, machines: ['a', 'b', 'c'] } as const;

const cases: readonly RefusalCase[] = [
  {
    reason: 'the target has no memory left',
    codes: ['OverCapacity'],
    lines: { hosts: UPF.hosts, machines: { a: { on: 'h1', memoryMiB: 40_000 }, b: { on: 'h2', memoryMiB: 40_000 } } },
    moves: [{ machine: 'a', to: 'h2' }],
  },
  {
    reason: 'the target has CPUs only without those that it keeps for itself',
    codes: ['OverCapacity'],
    lines: {
      hosts: { h1: {}, h2: { cpus: 4, desired: { reserved: { cpus: 1, memoryMiB: 0 } } } },
      machines: { a: { on: 'h1', vcpus: 4 } },
    },
    moves: [{ machine: 'a', to: 'h2' }],
  },
  {
    reason: 'the target hands its CPUs out more than once, and not so often',
    codes: ['OverCapacity'],
    lines: {
      hosts: { h1: {}, h2: { cpus: 4, desired: { cpuAllocationRatio: 1.5, reserved: { cpus: 1, memoryMiB: 0 } } } },
      machines: { a: { on: 'h1', vcpus: 5 } },
    },
    moves: [{ machine: 'a', to: 'h2' }],
  },
  {
    reason: 'the target has no hugepages',
    codes: ['OverCapacity'],
    lines: { hosts: UPF.hosts, machines: { du: { on: 'h1', desired: { hugepageSizeKiB: 1_048_576 } } } },
    moves: [{ machine: 'du', to: 'h2' }],
  },
  {
    reason: 'ordinary memory would come out of huge pages',
    codes: ['OverCapacity'],
    lines: { hosts: { h1: {}, h2: { hugepages: 62 } }, machines: { a: { on: 'h1' } } },
    moves: [{ machine: 'a', to: 'h2' }],
  },
  {
    reason: 'the cell of the machine is full, though the host is not',
    codes: ['OverCapacity'],
    lines: { hosts: { h1: {}, h2: { cells: 2, cpus: 8 } }, machines: { a: { on: 'h1', vcpus: 6 } } },
    moves: [{ machine: 'a', to: 'h2', numaNode: 1 }],
  },
  {
    reason: 'the target has no isolated CPUs',
    codes: ['OverCapacity'],
    lines: { hosts: UPF.hosts, machines: { du: { on: 'h1', desired: { isolatedCpus: true } } } },
    moves: [{ machine: 'du', to: 'h2' }],
  },
  {
    reason: 'two machines come that fit only one by one',
    codes: ['OverCapacity'],
    lines: { hosts: UPF.hosts, machines: { a: { on: 'h1', memoryMiB: 40_000 }, b: { on: 'h3', memoryMiB: 40_000 } } },
    moves: [
      { machine: 'a', to: 'h2' },
      { machine: 'b', to: 'h2' },
    ],
  },
  {
    reason: 'a machine comes while the one that makes room may still be there',
    codes: ['OverCapacity'],
    lines: { hosts: UPF.hosts, machines: { a: { on: 'h1', memoryMiB: 40_000 }, b: { on: 'h2', memoryMiB: 40_000 } } },
    moves: [
      { machine: 'b', to: 'h3' },
      { machine: 'a', to: 'h2' },
    ],
  },
  {
    reason: 'machines that must stay apart swap without a bypass',
    codes: ['AntiAffinity'],
    lines: swap,
    moves: [
      { machine: 'a', to: 'h2' },
      { machine: 'b', to: 'h1' },
    ],
  },
  {
    reason: 'machines that must stay apart meet midway',
    codes: ['AntiAffinity'],
    lines: swap,
    moves: [
      { machine: 'a', to: 'h3', bypass: true },
      { machine: 'b', to: 'h1', after: ['a.1'] },
      { machine: 'a', to: 'h2', after: ['a.1'] },
    ],
  },
  {
    reason: 'machines that must stay apart by zone meet in one',
    codes: ['AntiAffinity'],
    lines: {
      hosts: { h1: { zone: 'x' }, h2: { zone: 'y' }, h3: { zone: 'y' } },
      machines: { a: { on: 'h1' }, b: { on: 'h2' } },
      rules: [{ ...apart, topology: 'zone' }],
    },
    moves: [{ machine: 'a', to: 'h3' }],
  },
  {
    reason: 'machines that belong together end apart',
    codes: ['Affinity'],
    lines: {
      hosts: UPF.hosts,
      machines: { a: { on: 'h1' }, b: { on: 'h1' } },
      rules: [{ kind: 'affinity', topology: 'host', machines: ['a', 'b'] }],
    },
    moves: [{ machine: 'a', to: 'h2' }],
  },
  {
    reason: 'the moves of spread machines are in no order',
    codes: ['SpreadOrder'],
    lines: { hosts: zones, machines: trio, rules: [spread] },
    moves: [
      { machine: 'a', to: 'h2' },
      { machine: 'b', to: 'h3' },
    ],
  },
  {
    reason: 'spread machines gather',
    codes: ['Spread'],
    lines: { hosts: zones, machines: { ...trio, b: { on: 'h2' }, c: { on: 'h3' } }, rules: [spread] },
    moves: [{ machine: 'a', to: 'h2' }],
  },
  {
    reason: 'a pinned machine leaves its host',
    codes: ['Pin'],
    lines: { hosts: UPF.hosts, machines: { a: { on: 'h1', host: 'h1' } } },
    moves: [{ machine: 'a', to: 'h2' }],
  },
  {
    reason: 'a machine does not end where a rule pins it',
    codes: ['Pin'],
    lines: {
      hosts: UPF.hosts,
      machines: { a: { on: 'h1' } },
      rules: [{ kind: 'pin', hosts: ['h3'], machines: ['a'] }],
    },
    moves: [{ machine: 'a', to: 'h2' }],
  },
  {
    reason: 'the target is banned',
    codes: ['Ban'],
    lines: {
      hosts: UPF.hosts,
      machines: { a: { on: 'h1' } },
      rules: [{ kind: 'ban', hosts: ['h2'], machines: ['a'] }],
    },
    moves: [{ machine: 'a', to: 'h2' }],
  },
  {
    ...LIVE,
    reason: 'the target is cordoned',
    codes: ['Maintenance'],
    lines: { ...UPF, hosts: { h1: {}, h2: { maintenance: 'cordon' } } },
  },
  {
    ...LIVE,
    reason: 'the target does not answer',
    codes: ['HostNotUp'],
    lines: { ...UPF, hosts: { h1: {}, h2: { state: 'unknown' } } },
  },
  ...(['unknown', 'unobserved'] as const).map((state) => ({
    reason: `a machine that is seen nowhere is started while a host is ${state}, where it may run`,
    codes: ['HostUnreachable'],
    lines: { hosts: { h1: {}, h2: { state } }, machines: { a: {} } },
    moves: [{ machine: 'a', to: 'h1' }],
  })),
  {
    ...LIVE,
    reason: 'the target is too far from a site',
    codes: ['Latency'],
    lines: {
      hosts: { h1: {}, h2: { latency: { cell: 9 } } },
      machines: { upf: { on: 'h1', claims: { n3: 'vf' } } },
      rules: [{ kind: 'latency', site: 'cell', maxMs: 5, machines: ['upf'] }],
    },
  },
  {
    ...LIVE,
    reason: 'the target has no PTP clock',
    codes: ['Role'],
    lines: { hosts: UPF.hosts, machines: { upf: { on: 'h1', claims: { n3: 'vf' }, desired: { ptp: true } } } },
  },
  {
    ...LIVE,
    reason: 'the machine is suspended',
    codes: ['MachineSuspended'],
    lines: { hosts: UPF.hosts, machines: { upf: { on: 'h1', claims: { n3: 'vf' }, desired: { suspended: true } } } },
  },
  {
    ...LIVE,
    reason: 'the machine is elsewhere',
    codes: ['MissingPrecondition', 'MissingUndo', 'WrongHost', 'WrongSource', 'WrongUndo'],
    corrupt: (plan) => ({ ...plan, moves: plan.moves.map((move) => ({ ...move, from: 'h3' })) }),
  },
  {
    ...LIVE,
    reason: 'the machine is not written in Git',
    codes: [
      ...['DeviceUnsuitable', 'DuplicateMac', 'MissingPrecondition', 'UnexpectedStep', 'UnknownMachine'],
      ...['WrongAction', 'WrongSubject', 'WrongUndo'],
    ],
    corrupt: (plan) => ({ ...plan, moves: plan.moves.map((move) => ({ ...move, machine: 'ghost' })) }),
  },
  {
    reason: 'the second move of a machine does not wait for the first',
    codes: ['WrongOrder'],
    lines: { hosts: UPF.hosts, machines: { a: { on: 'h1' } } },
    moves: [
      { machine: 'a', to: 'h3' },
      { machine: 'a', to: 'h2', after: ['a.1'] },
    ],
    corrupt: changeStep('a.2/migrate', () => ({ dependsOn: [] })),
  },
  {
    ...LIVE,
    reason: 'the machine runs twice',
    codes: ['TwoCopies'],
    observe: (world) => ({
      ...world,
      machines: world.machines.flatMap((machine) => [{ ...machine, host: 'h3', assignments: [] }, machine]),
    }),
  },
  {
    ...LIVE,
    reason: 'the guest would see its NIC elsewhere',
    codes: ['WrongDevice', 'WrongGuestAddress'],
    corrupt: (plan) => ({
      ...plan,
      moves: plan.moves.map((move) => ({
        ...move,
        assignments: move.assignments.map((assignment) => ({ ...assignment, guestAddress: '0000:00:09.0' })),
      })),
    }),
  },
];

describe('replay refuses a plan that puts machines where they must not be', () => {
  it.each(cases)('because $reason', (refusal) => {
    expect(codesOf(refusal)).toEqual(refusal.codes);
  });
});
