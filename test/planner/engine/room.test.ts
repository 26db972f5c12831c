import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { violationsOf } from '../../../src/planner/engine/evaluate.js';
import type { Instance, Rule } from '../../../src/planner/engine/instance.js';
import { makeRoom } from '../../../src/planner/engine/room/index.js';
import { State } from '../../../src/planner/engine/state.js';
import { randomInstance } from './random-instance.js';

const OPTIONS = { seed: 1, evaluations: 20_000 };
const SEED = Number(process.env['SEED'] ?? 20260105);
const RUNS = { numRuns: Number(process.env['RUNS'] ?? 300), seed: SEED };

/** Hosts of 10, machines by size and place; the last one is nowhere. */
function bins(
  machines: readonly (readonly [size: number, at: number])[],
  { hosts = 3, rules = [] as readonly Rule[], fixed = [] as readonly number[] } = {},
): Instance {
  return {
    hosts,
    places: hosts,
    machines: machines.length,
    resources: 1,
    hostOf: Int32Array.from({ length: hosts }, (_, host) => host),
    origin: Int32Array.from(machines, ([, at]) => at),
    fixed: Uint8Array.from(machines, (_, machine) => (fixed.includes(machine) ? 1 : 0)),
    demand: Float64Array.from(machines, ([size]) => size),
    capacity: new Float64Array(hosts).fill(10),
    base: new Float64Array(hosts),
    transient: new Uint8Array(1),
    unary: null,
    rules,
    domains: [{ of: Int32Array.from({ length: hosts }, (_, host) => host), count: hosts }],
    objectives: {
      ...{ excess: null, balance: [], deviation: [], quadratic: [], company: [], moved: null, movedTogether: null },
      ...{ crossing: null, opened: null, slots: [], unplaced: null },
    },
  };
}

describe('making room', () => {
  const cases: readonly { reason: string; instance: Instance; placed: boolean; moved?: number }[] = [
    {
      reason: 'takes a free place when there is one',
      instance: bins([
        [9, 0],
        [5, -1],
      ]),
      placed: true,
      moved: 0,
    },
    {
      reason: 'sends one machine elsewhere',
      instance: bins([
        [6, 0],
        [6, 1],
        [4, 2],
        [3, 2],
        [5, -1],
      ]),
      placed: true,
      moved: 1,
    },
    {
      reason: 'sends one machine to the place of another',
      instance: bins([
        [9, 0],
        [4, 1],
        [4, 1],
        [5, 2],
        [5, -1],
      ]),
      placed: true,
    },
    {
      reason: 'does so along a chain',
      instance: bins([
        [7, 0],
        [2, 0],
        [6, 1],
        [3, 1],
        [8, 2],
        [4, -1],
      ]),
      placed: true,
    },
    {
      reason: 'finds nothing where there is nothing',
      instance: bins([
        [6, 0],
        [6, 1],
        [6, 2],
        [5, -1],
      ]),
      placed: false,
    },
    {
      reason: 'leaves fixed machines alone',
      instance: bins(
        [
          [6, 0],
          [6, 1],
          [4, 2],
          [3, 2],
          [5, -1],
        ],
        { fixed: [2, 3] },
      ),
      placed: false,
    },
    {
      reason: 'sends away machines that a rule keeps apart from it',
      instance: bins(
        [
          [9, 0],
          [9, 1],
          [1, 2],
          [2, -1],
        ],
        {
          rules: [{ kind: 'apart', members: Int32Array.of(2, 3), domain: 0, most: 1 }],
        },
      ),
      placed: true,
      moved: 1,
    },
  ];
  it.each(cases)('$reason', ({ instance, placed, moved }) => {
    const state = new State(instance);
    expect(makeRoom(state, instance.machines - 1, OPTIONS)).toBe(placed);
    expect(state.place[instance.machines - 1] !== -1).toBe(placed);
    if (moved !== undefined) expect(state.moves).toBe(moved);
    if (!placed) expect(state.place).toEqual(instance.origin);
    expect(violationsOf(instance, state.place)).toEqual([]);
  });

  it('asks before it takes a place', () => {
    const instance = bins([
      [9, 0],
      [5, -1],
    ]);
    const state = new State(instance);
    expect(makeRoom(state, 1, { ...OPTIONS, allows: (_, place) => place !== 1 })).toBe(true);
    expect(state.place[1]).toBe(2);
  });

  it(`loses no machine, and changes nothing where it fails (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const instance = randomInstance(seed);
        const state = new State(instance);
        for (let machine = 0; machine < instance.machines; machine++) {
          if (state.place[machine] !== -1 || instance.fixed[machine] === 1) continue;
          const before = state.place.slice();
          const placed = makeRoom(state, machine, { seed, evaluations: 2000 });
          const lost = [...before.keys()].filter((each) => (before[each] ?? -1) >= 0 && state.place[each] === -1);
          expect(lost).toEqual([]);
          if (!placed) expect(state.place).toEqual(before);
          for (const [each, fixed] of instance.fixed.entries())
            if (fixed === 1) expect(state.place[each]).toBe(before[each]);
        }
      }),
      RUNS,
    );
  });
});
