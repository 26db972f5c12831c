import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FixtureLines } from '../fixture-lines.js';
import { WEIGHTS } from '../fixture.js';
import { movesOf, planFor } from './moves.js';

/** One host with all the load, and two that idle; below every threshold. */
const uneven: FixtureLines = {
  hosts: { h1: { cpu: 0.6 }, h2: { cpu: 0 }, h3: { cpu: 0 } },
  machines: Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, { on: 'h1', cpu: 3.2 }])),
};
const WEIGHTLESS: typeof WEIGHTS = {
  ...{ overload: 0, imbalance: 0, migration: 0, fragmentation: 0, groupCrossing: 0, hostsInUse: 0 },
};
const spreadAfter = (lines: FixtureLines) =>
  planFor('balance', lines).projections.after.map(({ host, load }) => `${host} ${load.cpu ?? ''}`);

describe('balancing', () => {
  it('brings the load of hosts together that are all below their thresholds', () => {
    expect(spreadAfter(uneven)).toEqual(['h1 0.2', 'h2 0.2', 'h3 0.2']);
    expect(planFor('balance', uneven).moves).toHaveLength(4);
  });

  const cases: readonly { reason: string; lines: FixtureLines; moves: number }[] = [
    {
      reason: 'lets be what differs no more than the tolerance',
      lines: { ...uneven, load: { tolerance: 0.3 } },
      moves: 0,
    },
    {
      reason: 'lets be what has not differed in all of the held windows',
      lines: { ...uneven, hosts: { ...uneven.hosts, h1: { cpu: [0, 0.6, 0.6] } } },
      moves: 0,
    },
    {
      reason: 'lets be what differs in each of the held windows, and not in their mean',
      lines: { ...uneven, hosts: { h1: { cpu: [0, 0, 0.6] }, h2: { cpu: [0, 0.6, 0] }, h3: { cpu: [0.6, 0, 0] } } },
      moves: 0,
    },
    {
      reason: 'does not count a host whose load is not known, and moves nothing there',
      lines: { ...uneven, hosts: { h1: { cpu: 0.6 }, h2: {}, h3: { cpu: 0.6 } } },
      moves: 0,
    },
    {
      reason: 'stops where the policy allows no more moves',
      lines: { ...uneven, load: { maxMoves: 2 } },
      moves: 2,
    },
    {
      reason: 'moves nothing that costs more than it gains',
      lines: { ...uneven, load: { weights: { ...WEIGHTS, migration: 60 } } },
      moves: 0,
    },
    {
      reason: 'moves nothing that gains less than the policy asks for',
      lines: { ...uneven, load: { minimumGain: 0.9 } },
      moves: 0,
    },
    {
      reason: 'moves nothing where nothing weighs anything, however little the policy asks a move to gain',
      lines: { ...uneven, load: { minimumGain: 0, weights: WEIGHTLESS } },
      moves: 0,
    },
    {
      reason: 'moves nothing that gains nothing: no host is overloaded, and nothing else weighs anything',
      lines: { ...uneven, load: { minimumGain: 0, weights: { ...WEIGHTLESS, overload: 10 } } },
      moves: 0,
    },
    {
      reason: 'leaves machines alone that have moved lately, are suspended, or whose load nobody knows',
      lines: {
        ...uneven,
        machines: {
          ...Object.fromEntries(['a', 'b'].map((name) => [name, { on: 'h1', cpu: 3.2, movedSecondsAgo: 60 }])),
          ...Object.fromEntries(['c', 'd'].map((name) => [name, { on: 'h1', cpu: 3.2, desired: { suspended: true } }])),
          ...Object.fromEntries(['e', 'f'].map((name) => [name, { on: 'h1' }])),
        },
      },
      moves: 0,
    },
    {
      reason: 'keeps rules: machines that must not meet stay apart',
      lines: {
        ...uneven,
        machines: Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { on: 'h1', cpu: 6.4 }])),
        rules: [{ kind: 'affinity', topology: 'host', machines: ['a', 'b', 'c'] }],
      },
      moves: 0,
    },
    {
      reason: 'keeps machines behind their access switch where the policy says so',
      lines: {
        ...uneven,
        hosts: { h1: { cpu: 0.6 }, h2: { cpu: 0, group: 'b' }, h3: { cpu: 0, group: 'b' } },
        load: { crossGroup: 'never' },
      },
      moves: 0,
    },
  ];
  it.each(cases)('$reason', ({ lines, moves }) => {
    expect(movesOf(planFor('balance', lines))).toHaveLength(moves);
  });

  it('moves the same machines to the same hosts when every load is a little different', () => {
    const planned = movesOf(planFor('balance', uneven)).toSorted();
    const change = fc.array(fc.double({ min: 0.98, max: 1.02, noNaN: true }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(change, (factors) => {
        const shares = factors.map((factor) => 3.2 * factor);
        const machines = Object.fromEntries(shares.map((cpu, index) => ['abcdef'.charAt(index), { on: 'h1', cpu }]));
        const cpu = shares.reduce((sum, share) => sum + share / 32, 0);
        const lines = { ...uneven, hosts: { ...uneven.hosts, h1: { cpu } }, machines };
        expect(movesOf(planFor('balance', lines)).toSorted()).toEqual(planned);
      }),
      { numRuns: 50, seed: 20260105 },
    );
  });

  it('counts a move under way as made', () => {
    const job = { to: 'h2', doneBytes: 0, totalBytes: 1, startedAt: 0 };
    const hosts = { h1: { cpu: 0.4 }, h2: { cpu: 0.2 }, h3: { cpu: 0.3 } };
    const machines = { a: { on: 'h1', cpu: 3.2 }, b: { on: 'h1', cpu: 3.2 } };
    const lines = { hosts, machines, load: { minimumGain: 0.05 } };
    expect(movesOf(planFor('balance', lines))).toEqual([expect.stringMatching(/^[ab]: h1 → h2$/)]);
    const moving = { ...machines, a: { ...machines.a, observed: { job } } };
    const held = { host: 'h2', device: '0000:16:01.0', epoch: 1, machine: 'a', claim: 'n', holder: 'dummy' } as const;
    const reservations = [{ ...held, phase: 'Held', dummy: 'd', move: 'a.1', planHash: '', expiresAt: null } as const];
    expect(movesOf(planFor('balance', { ...lines, machines: moving, world: { reservations } }))).toEqual([]);
  });

  it('says of each move how much closer it brings the hosts, and how far apart they would be without it', () => {
    const { moves, causes } = planFor('balance', uneven);
    expect(causes).toEqual([
      {
        kind: 'balance',
        metric: 'cpu',
        deviation: expect.closeTo(0.283, 3) as number,
        tolerance: 0.05,
        policy: 'load',
      },
    ]);
    for (const { reasoning } of moves) {
      // Without it the loads are 0.3, 0.2 and 0.1, and the deviation times three hosts is 0.245.
      expect(reasoning?.gains[0]).toEqual({ objective: 'imbalance', gain: 0.2449 });
      expect(reasoning?.runnerUp?.objective).toBe('imbalance');
      expect(reasoning?.without).toBe('cpu would deviate by 8.2 % between hosts (standard deviation), not 0 %');
    }
  });
});
