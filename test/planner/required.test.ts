import { describe, expect, it } from 'vitest';
import { explain, plan } from '../../src/planner/index.js';
import type { FixtureLines } from './fixture-lines.js';
import { fixture } from './fixture.js';

const hosts = { h1: {}, h2: {}, h3: { group: 'b', zone: 'y' } };

describe('machines that stand against a rule', () => {
  const cases: readonly { reason: string; lines: FixtureLines; moves: readonly string[] }[] = [
    {
      reason: 'leave a drained host, those of Git only',
      lines: {
        hosts: { ...hosts, h1: { maintenance: 'drain' } },
        machines: { a: { on: 'h1' }, b: { on: 'h1', managed: false } },
      },
      moves: ['drain a: h1 → h2'],
    },
    {
      reason: 'stay on a cordoned host',
      lines: { hosts: { ...hosts, h1: { maintenance: 'cordon' } }, machines: { a: { on: 'h1' } } },
      moves: [],
    },
    {
      reason: 'go where spec.host says',
      lines: { hosts, machines: { a: { on: 'h1', host: 'h3' } } },
      moves: ['requested a: h1 → h3'],
    },
    {
      reason: 'go where a pin says',
      lines: { hosts, machines: { a: { on: 'h1' } }, rules: [{ kind: 'pin', machines: ['a'], hosts: ['h3'] }] },
      moves: ['placement a: h1 → h3'],
    },
    {
      reason: 'leave a host that a ban names',
      lines: { hosts, machines: { a: { on: 'h1' } }, rules: [{ kind: 'ban', machines: ['a'], hosts: ['h1'] }] },
      moves: ['placement a: h1 → h2'],
    },
    {
      reason: 'part where anti-affinity is broken, the larger one stays',
      lines: {
        hosts,
        machines: { a: { on: 'h1' }, b: { on: 'h1', memoryMiB: 8192 } },
        rules: [{ kind: 'anti-affinity', topology: 'host', machines: ['a', 'b'] }],
      },
      moves: ['placement a: h1 → h2'],
    },
    {
      reason: 'come together where affinity is broken',
      lines: {
        hosts,
        machines: { a: { on: 'h1' }, b: { on: 'h3' } },
        rules: [{ kind: 'affinity', topology: 'zone', machines: ['a', 'b'] }],
      },
      moves: ['placement b: h3 → h2'],
    },
    {
      reason: 'take along those that a rule keeps with them',
      lines: {
        hosts,
        machines: { a: { on: 'h1' }, b: { on: 'h1', host: 'h2' }, c: { on: 'h1' }, other: { on: 'h1' } },
        rules: [
          { kind: 'affinity', topology: 'host', machines: ['a', 'b'] },
          { kind: 'affinity', topology: 'host', machines: ['a', 'c'] },
        ],
      },
      moves: ['requested b: h1 → h2', 'placement a: h1 → h2', 'placement c: h1 → h2'],
    },
    {
      reason: 'stay when those that a rule keeps with them find no room beside them',
      lines: {
        hosts: { ...hosts, h2: { cpus: 2 } },
        machines: { a: { on: 'h1' }, b: { on: 'h1', host: 'h2' } },
        rules: [{ kind: 'affinity', topology: 'host', machines: ['a', 'b'] }],
      },
      moves: [],
    },
    {
      reason: 'stay when one that a rule keeps with them is suspended',
      lines: {
        hosts,
        machines: { a: { on: 'h1', desired: { suspended: true } }, b: { on: 'h1', host: 'h2' } },
        rules: [{ kind: 'affinity', topology: 'host', machines: ['a', 'b'] }],
      },
      moves: [],
    },
    {
      reason: 'spread out',
      lines: {
        hosts,
        machines: { a: { on: 'h1' }, b: { on: 'h1' }, c: { on: 'h1' } },
        rules: [{ kind: 'spread', topology: 'host', maxSkew: 1, machines: ['a', 'b', 'c'] }],
      },
      moves: ['placement b: h1 → h2', 'placement c: h1 → h3'],
    },
    {
      reason: 'move when a site has come too far away (a mobility event)',
      lines: {
        hosts: { h1: { latency: { cell: 3 } }, h2: { latency: { cell: 0.4 } } },
        machines: { a: { on: 'h1' } },
        rules: [{ kind: 'latency', machines: ['a'], site: 'cell', maxMs: 1 }],
      },
      moves: ['placement a: h1 → h2'],
    },
    {
      reason: 'that cannot move do not keep others from it (fault 22)',
      lines: {
        hosts: { h1: { maintenance: 'drain', gpus: 1 }, h2: {} },
        machines: { stuck: { on: 'h1', claims: { gpu: 'gpu' } }, free: { on: 'h1' } },
      },
      moves: ['drain free: h1 → h2'],
    },
    {
      reason: 'stay out of a host that they would overload (fault 23)',
      lines: {
        hosts: { h1: { maintenance: 'drain' }, h2: { cpu: 0.7 }, h3: { group: 'b', cpu: 0.1 } },
        machines: { a: { on: 'h1', cpu: 8 } },
      },
      moves: ['drain a: h1 → h3'],
    },
    {
      reason: 'start when they run nowhere, in the group that has most room',
      lines: { hosts, machines: { a: {}, busy: { on: 'h1', vcpus: 16 } } },
      moves: ['deploy a:  → h3'],
    },
    {
      reason: 'start again when their host is down',
      lines: {
        hosts: { ...hosts, h1: { state: 'down' } },
        machines: { a: { on: 'h1', observed: { state: 'stopped' } } },
      },
      moves: ['deploy a:  → h2'],
    },
    {
      reason: 'start again at the cost of others when their host is down and nothing has room',
      lines: {
        hosts: { h1: { state: 'down' }, h2: { cpus: 8 }, h3: { cpus: 4 } },
        machines: { a: { on: 'h1', vcpus: 6, observed: { state: 'stopped' } }, b: { on: 'h2', vcpus: 4 } },
      },
      moves: ['placement b: h2 → h3', 'deploy a:  → h2'],
    },
    {
      reason: 'do not start at the cost of others when they are new',
      lines: {
        hosts: { h2: { cpus: 8 }, h3: { cpus: 4 } },
        machines: { a: { vcpus: 6 }, b: { on: 'h2', vcpus: 4 } },
      },
      moves: [],
    },
    {
      reason: 'start where they are defined when they are stopped',
      lines: { hosts, machines: { a: { on: 'h2', observed: { state: 'stopped' } }, busy: { on: 'h2', vcpus: 16 } } },
      moves: ['deploy a:  → h2'],
    },
    {
      reason: 'send others elsewhere when they find no room without that, and as few as can be',
      lines: {
        hosts: { h1: { cpus: 8 }, h2: { cpus: 8 }, h3: { cpus: 4 } },
        machines: {
          a: { on: 'h1', host: 'h2', vcpus: 6 },
          b: { on: 'h2', vcpus: 2 },
          c: { on: 'h2', vcpus: 4 },
        },
      },
      moves: ['placement c: h2 → h3', 'requested a: h1 → h2'],
    },
    {
      reason: 'send another elsewhere from which a rule keeps them apart',
      lines: {
        hosts: { h1: { maintenance: 'drain' }, h2: {}, h3: { cpus: 1 }, h4: { cpus: 2 } },
        machines: { a: { on: 'h1', vcpus: 4 }, b: { on: 'h2' } },
        rules: [{ kind: 'anti-affinity', topology: 'host', machines: ['a', 'b'] }],
      },
      moves: ['placement b: h2 → h4', 'drain a: h1 → h2'],
    },
    {
      reason: 'start in the only way in which all of them fit',
      lines: {
        hosts: { h1: { cpus: 10 }, h2: { cpus: 10 } },
        machines: {
          a: { vcpus: 5, memoryMiB: 9216 },
          b: { vcpus: 4, memoryMiB: 8192 },
          c: { vcpus: 4, memoryMiB: 7168 },
          d: { vcpus: 5, memoryMiB: 6144 },
          e: { vcpus: 2, memoryMiB: 5120 },
        },
      },
      moves: ['deploy a:  → h1', 'deploy b:  → h2', 'deploy c:  → h2', 'deploy d:  → h1', 'deploy e:  → h2'],
    },
    {
      reason: 'take the room that another one leaves',
      lines: {
        hosts: { h1: { cpus: 4 }, h2: { cpus: 4 }, h3: { cpus: 4 } },
        machines: { a: { on: 'h1', host: 'h2', vcpus: 4 }, b: { on: 'h2', host: 'h3', vcpus: 4 } },
      },
      moves: ['requested b: h2 → h3', 'requested a: h1 → h2'],
    },
  ];
  it.each(cases)('$reason', ({ lines, moves }) => {
    const { desired, world } = fixture(lines);
    const made = plan(desired, world);
    expect(
      made.moves.map(
        ({ machine, from, to, cause }) => `${made.causes[cause]?.kind ?? ''} ${machine}: ${from ?? ''} → ${to}`,
      ),
    ).toEqual(moves);
  });

  it('come to no host that those who stay there after all make too hot', () => {
    const { desired, world } = fixture({
      hosts: { h1: { cpu: 0.7 }, h2: { cpu: 0.35 }, h3: { maintenance: 'drain' } },
      machines: {
        comes: { on: 'h3', cpu: 8, memoryMiB: 16_384 },
        stays: { on: 'h1', cpu: 12.8, memoryMiB: 8192 },
      },
      rules: [{ kind: 'affinity', topology: 'host', machines: ['comes', 'stays'] }],
    });
    const made = plan(desired, world);
    expect(made.moves).toEqual([]);
    expect(made.refusals.map(({ machine }) => machine)).toContain('comes');
    expect(made.projections.after.every(({ load }) => (load.cpu ?? 0) < 0.8)).toBe(true);
  });

  it.each([
    { reason: 'is stopped', line: { on: 'h1', observed: { state: 'stopped' } } },
    { reason: 'is nowhere', line: {} },
  ] as const)('say nothing of a suspended machine that $reason, but when asked', ({ line }) => {
    const lines: FixtureLines = { hosts: { h1: {} }, machines: { a: { ...line, desired: { suspended: true } } } };
    const { desired, world } = fixture(lines);
    const { moves, refusals, drift } = plan(desired, world);
    expect({ moves, refusals, drift }).toEqual({ moves: [], refusals: [], drift: [] });
    expect(explain(desired, world, 'a').decision).toEqual({ kind: 'stays', message: 'a is suspended' });
  });

  it('say of a suspended machine that its host has gone down with it', () => {
    const machines = { a: { on: 'h1', observed: { state: 'stopped' }, desired: { suspended: true } } } as const;
    const { desired, world } = fixture({ hosts: { h1: { state: 'down' } }, machines });
    expect(plan(desired, world).refusals.map(({ machine, reason }) => `${machine} ${reason}`)).toEqual([
      'a MachineSuspended',
    ]);
  });

  it('say of a machine that does not start that it is its migration policy that is suspended', () => {
    const { desired, world } = fixture({ hosts: { h1: {} }, machines: { a: {} }, migration: { suspended: true } });
    const machines = desired.machines.map((machine) => ({ ...machine, suspended: true }));
    expect(plan({ ...desired, machines }, world).refusals.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^migration policy .* is suspended$/),
    ]);
  });

  const drained = { h1: { maintenance: 'drain' }, h2: {} } as const;
  const refused: readonly { reason: string; lines: FixtureLines; refusals: readonly string[] }[] = [
    {
      reason: 'suspended',
      lines: { hosts: drained, machines: { a: { on: 'h1', desired: { suspended: true } } } },
      refusals: ['a MachineSuspended Wait'],
    },
    {
      reason: 'under a suspended migration policy',
      lines: { hosts: drained, machines: { a: { on: 'h1' } }, migration: { suspended: true } },
      refusals: ['a MachineSuspended Wait'],
    },
    {
      reason: 'on a silent host',
      lines: { hosts: { ...drained, h1: { ...drained.h1, state: 'unknown' } }, machines: { a: { on: 'h1' } } },
      refusals: ['a HostUnreachable Wait'],
    },
    {
      reason: 'seen nowhere while a host is silent',
      lines: { hosts: { h1: {}, h2: { state: 'unknown' } }, machines: { a: {} } },
      refusals: ['a HostUnreachable Wait'],
    },
    {
      reason: 'seen nowhere while a host that is written was not asked',
      lines: { hosts: { h1: {}, h2: { state: 'unobserved' } }, machines: { a: {} } },
      refusals: ['a HostUnreachable Wait'],
    },
    {
      reason: 'with devices that the ledger does not know, seen nowhere while a host is silent',
      lines: { hosts: { h1: {}, h2: { state: 'unknown' } }, machines: { a: { claims: { net: 'vf' } } } },
      refusals: ['a HostUnreachable Wait'],
    },
    {
      reason: 'without a device that another host has',
      lines: { hosts: { ...drained, h2: { vfs: 0 } }, machines: { a: { on: 'h1', claims: { net: 'vf' } } } },
      refusals: ['a NoFeasibleHost AskOperator'],
    },
    {
      reason: 'without room anywhere',
      lines: { hosts: { ...drained, h2: { cpus: 1 } }, machines: { a: { on: 'h1' } } },
      refusals: ['a NoFeasibleHost Wait'],
    },
    {
      reason: 'pinned to a host that cannot take them',
      lines: { hosts: { h1: {}, h2: { cpus: 1 }, h3: {} }, machines: { a: { on: 'h1', host: 'h2' } } },
      refusals: ['a NoFeasibleHost OtherHost'],
    },
    {
      reason: 'without a strategy that both ends can take',
      lines: {
        hosts: { ...drained, h2: { live: false } },
        machines: { a: { on: 'h1', claims: { net: 'vf' }, desired: { strategies: ['vfio-live'] } } },
      },
      refusals: ['a NoStrategy Reconfigure'],
    },
    {
      reason: 'owning a device that no claim names',
      lines: {
        hosts: drained,
        machines: { a: { on: 'h1', claims: { net: 'vf' }, desired: { claims: [] } } },
      },
      refusals: ['a NoStrategy Reconfigure'],
    },
  ];
  it.each(refused)('are refused when $reason', ({ lines, refusals }) => {
    const { desired, world } = fixture(lines);
    const made = plan(desired, world);
    expect(made.moves).toEqual([]);
    expect(made.refusals.map(({ machine, reason, advice }) => `${machine} ${reason} ${advice}`)).toEqual(refusals);
  });

  it('are left alone, and people are asked, when they run twice', () => {
    const { desired, world } = fixture({ hosts: drained, machines: { a: { on: 'h1' } } });
    const twice = { ...world, machines: world.machines.flatMap((machine) => [machine, { ...machine, host: 'h2' }]) };
    const made = plan(desired, twice);
    expect(made.moves).toEqual([]);
    expect(made.refusals).toMatchObject([{ machine: 'a', reason: 'Duplicate', advice: 'AskOperator' }]);
    expect(made.drift).toMatchObject([{ code: 'MachineRunsTwice' }]);
  });

  it('name every candidate with what binds it', () => {
    const { desired, world } = fixture({
      hosts: { h1: { maintenance: 'drain' }, h2: { vfs: 0 }, h3: { cpus: 1 } },
      machines: { a: { on: 'h1', claims: { net: 'vf' } } },
    });
    expect(plan(desired, world).refusals[0]?.candidates.map(({ host, constraint }) => [host, constraint])).toEqual([
      ['h2', 'device-class'],
      ['h3', 'capacity'],
    ]);
  });
});
