import { describe, expect, it } from 'vitest';
import type { FixtureLines } from '../fixture-lines.js';
import { WEIGHTS } from '../fixture.js';
import { movesOf, planFor } from './moves.js';

/** Two hosts that are hardly used, and one that is. */
const quiet: FixtureLines = {
  hosts: { h1: { cpu: 0.4 }, h2: { cpu: 0.1 }, h3: { cpu: 0.2 } },
  machines: {
    a: { on: 'h1', cpu: 6.4 },
    a2: { on: 'h1', cpu: 6.4 },
    b: { on: 'h2', cpu: 3.2 },
    c: { on: 'h3', cpu: 3.2 },
    d: { on: 'h3', cpu: 3.2 },
  },
};

/** h1 can be emptied only when b leaves h2 for h3, so that a finds room on h2. */
const nested: FixtureLines = {
  hosts: { h1: { cpus: 6, cpu: 0.2 }, h2: { cpus: 8, cpu: 0.2 }, h3: { cpus: 10, cpu: 0.2 } },
  machines: {
    ...{ a: { on: 'h1', vcpus: 4, cpu: 0.5 }, b: { on: 'h2', vcpus: 4, cpu: 0.5 } },
    ...{ c: { on: 'h2', vcpus: 4, cpu: 0.5 }, d: { on: 'h3', vcpus: 6, cpu: 0.5 } },
  },
  rules: [{ kind: 'ban', machines: ['a'], hosts: ['h3'] }],
};

describe('consolidation', () => {
  const cases: readonly { reason: string; lines: FixtureLines; moves: readonly string[] }[] = [
    {
      reason: 'empties the hosts with the fewest machines, onto the fullest host that stays clear of its threshold',
      lines: quiet,
      moves: ['b: h2 → h1', 'c: h3 → h1', 'd: h3 → h1'],
    },
    {
      reason: 'moves nothing where no whole host would be empty',
      lines: {
        ...quiet,
        machines: {
          ...quiet.machines,
          b: { on: 'h2', cpu: 3.2, desired: { suspended: true } },
          e: { on: 'h3', cpu: 0, desired: { suspended: true } },
          f: { on: 'h1', cpu: 0, desired: { suspended: true } },
        },
      },
      moves: [],
    },
    {
      reason: 'keeps the hosts that take machines the tolerance away from their threshold',
      lines: { ...quiet, load: { thresholds: [{ metric: 'cpu', high: 0.53, low: 0.3 }] } },
      moves: ['b: h2 → h3'],
    },
    {
      reason: 'moves nothing where an empty host is worth nothing',
      lines: {
        ...quiet,
        load: { minimumGain: 0, weights: { ...WEIGHTS, hostsInUse: 0, migration: 0, groupCrossing: 0 } },
      },
      moves: [],
    },
    {
      reason: 'leaves a host alone whose load is not known',
      lines: { ...quiet, hosts: { ...quiet.hosts, h2: {} } },
      moves: ['c: h3 → h1', 'd: h3 → h1'],
    },
    {
      reason: 'leaves a host alone whose load was not known in one of the held windows',
      lines: { ...quiet, hosts: { ...quiet.hosts, h2: { cpu: [0.1, 0.1] } } },
      moves: ['c: h3 → h1', 'd: h3 → h1'],
    },
    {
      reason: 'brings all together on a host that a machine keeps in use which nobody has written',
      lines: { ...quiet, machines: { ...quiet.machines, e: { on: 'h2', cpu: 0, managed: false } } },
      moves: ['a: h1 → h2', 'a2: h1 → h2', 'c: h3 → h2', 'd: h3 → h2'],
    },
    {
      reason: 'leaves a machine alone that has moved lately',
      lines: { ...quiet, machines: { ...quiet.machines, b: { on: 'h2', cpu: 3.2, movedSecondsAgo: 60 } } },
      moves: ['c: h3 → h1', 'd: h3 → h1'],
    },
    {
      reason: 'makes no more moves than the policy allows: rather none than a host half empty',
      lines: { ...quiet, load: { maxMoves: 1 } },
      moves: ['b: h2 → h1'],
    },
    {
      reason: 'does nothing where an emptied host is worth less than the moves',
      lines: {
        ...quiet,
        load: {
          weights: { overload: 10, imbalance: 1, migration: 6, fragmentation: 5, groupCrossing: 0.1, hostsInUse: 0.1 },
        },
      },
      moves: [],
    },
    {
      reason: 'starts a new machine where it keeps no host in use for itself',
      lines: { hosts: { h1: { cpu: 0.2 }, h2: { cpu: 0 } }, machines: { a: { on: 'h1', cpu: 6.4 }, n: {} } },
      moves: ['n: new → h1'],
    },
    {
      reason: 'empties a host by a chain of moves where no other has room as it is',
      lines: nested,
      moves: ['a: h1 → h2', 'b: h2 → h3'],
    },
    {
      reason: 'makes no chain of more moves than the policy allows',
      lines: { ...nested, load: { maxMoves: 1 } },
      moves: [],
    },
    {
      reason: 'makes no chain that brings a host closer to its threshold than the tolerance',
      lines: { ...nested, load: { thresholds: [{ metric: 'cpu', high: 0.26, low: 0.2 }] } },
      moves: [],
    },
    {
      reason: 'keeps machines behind their access switch where the policy says so',
      lines: {
        ...quiet,
        hosts: { h1: { cpu: 0.4, group: 'b' }, h2: { cpu: 0.1 }, h3: { cpu: 0.2 } },
        load: { crossGroup: 'never' },
      },
      moves: ['b: h2 → h3'],
    },
  ];
  it.each(cases)('$reason', ({ lines, moves }) => {
    expect(movesOf(planFor('consolidate', lines)).toSorted()).toEqual(moves.toSorted());
  });

  it('shares an emptied host out among the moves that empty it', () => {
    const gainsOf = (lines: FixtureLines, host: string) => {
      const { moves, causes } = planFor('consolidate', lines);
      const own = moves.filter(({ cause }) => causes[cause]?.kind === 'consolidate' && causes[cause].host === host);
      return own.flatMap(
        ({ reasoning }) => reasoning?.gains.filter(({ objective }) => objective === 'hostsInUse') ?? [],
      );
    };
    expect(gainsOf(quiet, 'h3').map(({ gain }) => gain)).toEqual([0.5, 0.5]);
    expect(gainsOf(nested, 'h1').map(({ gain }) => gain)).toEqual([0.5, 0.5]);
  });

  it('says of each move which host it empties, what that gains, and that the host would stay in use without it', () => {
    const { moves, causes } = planFor('consolidate', quiet);
    expect(causes).toEqual(expect.arrayContaining([{ kind: 'consolidate', host: 'h2', policy: 'load' }]));
    expect(moves.find(({ machine }) => machine === 'b')?.reasoning).toMatchObject({
      gains: [{ objective: 'hostsInUse', gain: 1 }, { objective: 'migration' }],
      // On h3, which the other moves empty, it would keep that host in use.
      runnerUp: { host: 'h3', difference: 1, objective: 'hostsInUse' },
      without: 'h2 would stay in use',
    });
  });
});
