import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, totalOf, useOf, violationsOf } from '../../../src/planner/engine/evaluate.js';
import type { Instance } from '../../../src/planner/engine/instance.js';
import { clear } from '../../../src/planner/engine/search/clear.js';
import { cover } from '../../../src/planner/engine/search/cover.js';
import { repair } from '../../../src/planner/engine/search/repair.js';
import { randomInstance } from './random-instance.js';

const seeds = fc.integer({ min: 0, max: 1e9 });

/** What a repair mends: nothing is held at two places, nobody is fixed, and no rule asks for a least number. */
function mendable(seed: number): Instance {
  const instance = randomInstance(seed);
  const rules = instance.rules.filter(({ kind }) => kind !== 'atLeast' && kind !== 'skew' && kind !== 'follow');
  const { machines, resources } = instance;
  return {
    ...instance,
    rules,
    base: new Float64Array(instance.base.length),
    fixed: new Uint8Array(machines),
    transient: new Uint8Array(resources),
    objectives: { ...instance.objectives, unplaced: new Float64Array(machines).fill(1e5) },
  };
}

describe('cover', () => {
  it('takes machines that cover the shortage together, one where one does', () => {
    const demand = Float64Array.of(1, 2, 8, 8, 1);
    const chosen = (short: number) => cover({ demand, resources: 1 }, [0, 1, 2, 3, 4], Float64Array.of(short), () => 1);
    expect(chosen(0)).toEqual([]);
    expect(chosen(2)).toEqual([1]);
    expect(chosen(7)).toEqual([2]);
    expect(chosen(9)).toHaveLength(2);
    expect(chosen(18)?.reduce((sum, machine) => sum + (demand[machine] ?? 0), 0)).toBeGreaterThanOrEqual(18);
    expect(chosen(21)).toBeNull();
  });
});

describe('repair', () => {
  it('takes out so many machines that nothing is broken any more, and none from where nothing is', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = mendable(seed);
        const cleared = clear(instance, instance.origin);
        // Preferences do not bind a machine where it is.
        expect(violationsOf(instance, cleared)).toEqual([]);
        if (violationsOf(instance, instance.origin).length === 0) expect(cleared).toEqual(instance.origin);
      }),
      { numRuns: 500 },
    );
  });

  it('breaks nothing, tells the true cost, and is the same for the same seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = mendable(seed);
        const result = repair(instance, { seed, budget: {} });
        expect(violationsOf(instance, result.assignment)).toEqual([]);
        const cost = totalOf(evaluate(instance, result.assignment));
        expect(Math.abs(result.cost - cost)).toBeLessThan(1e-4 * Math.max(1, Math.abs(cost)));
        expect(repair(instance, { seed, budget: {} }).assignment).toEqual(result.assignment);
      }),
      // Seeds where a group came back by one of its members while the others still waited, or was left behind by an undone try.
      { numRuns: 60, examples: [[32], [132], [1087], [1298], [790521356]] },
    );
  });

  it('moves one machine out of a host that is to hold less, the smallest that is enough', () => {
    const base = randomInstance(1);
    const table = (...values: number[]) => Float64Array.from(values);
    const instance: Instance = {
      ...base,
      hosts: 2,
      places: 2,
      machines: 4,
      resources: 1,
      hostOf: Int32Array.of(0, 1),
      origin: Int32Array.of(0, 0, 0, 1),
      fixed: new Uint8Array(4),
      demand: table(2, 3, 6, 4),
      capacity: table(8, 8),
      base: table(0, 0),
      transient: new Uint8Array(1),
      unary: null,
      rules: [],
      domains: [],
      objectives: {
        excess: null,
        balance: [],
        deviation: [],
        quadratic: [],
        company: [],
        moved: table(1, 1, 1, 1),
        movedTogether: null,
        crossing: null,
        opened: null,
        slots: [],
        unplaced: table(99, 99, 99, 99),
      },
    };
    const { assignment, moves } = repair(instance, { seed: 1, budget: {} });
    expect([...assignment]).toEqual([0, 1, 0, 1]);
    expect(moves).toBe(1);
    expect(useOf(instance, assignment)).toEqual(table(8, 7));
  });
});
