import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, totalOf, violationsOf } from '../../../src/planner/engine/evaluate.js';
import type { Instance } from '../../../src/planner/engine/instance.js';
import { NO_OBJECTIVES } from '../../../src/planner/engine/instance.js';
import { search } from '../../../src/planner/engine/search/index.js';
import { State } from '../../../src/planner/engine/state.js';
import { randomInstance } from './random-instance.js';

const seeds = fc.integer({ min: 0, max: 1e9 });
const few = { evaluations: 3000 };

const broken = (instance: Parameters<typeof violationsOf>[0], assignment: Int32Array) =>
  violationsOf(instance, assignment).map((text) => text.replace(/holds \S+/, 'holds').replace(/, of .*/, ''));

describe('search', () => {
  it('tells the true cost, breaks nothing that the start kept, and is no worse than the start where all machines run', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = randomInstance(seed);
        const result = search(instance, { seed, budget: few });
        const cost = totalOf(evaluate(instance, result.assignment));
        expect(Math.abs(result.cost - cost)).toBeLessThan(1e-4 * Math.max(1, Math.abs(cost)));
        const before = new Set(broken(instance, instance.origin));
        expect(broken(instance, result.assignment).filter((text) => !before.has(text))).toEqual([]);
        if (!instance.origin.includes(-1)) expect(result.cost).toBeLessThanOrEqual(result.startCost + 1e-4);
        expect(result.moves).toBe(new State(instance, result.assignment).moves);
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same result for the same seed and evaluations', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = randomInstance(seed);
        const [one, other] = [1, 2].map(() => search(instance, { seed, budget: few }));
        expect(one).toEqual(other);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps to the most moves it may make', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 4 }), (seed, maxMoves) => {
        const instance = randomInstance(seed);
        expect(search(instance, { seed, budget: few, maxMoves }).moves).toBeLessThanOrEqual(maxMoves);
      }),
      { numRuns: 100 },
    );
  });

  it('ends within the evaluations, or a round of a few thousand later', () => {
    const instance = randomInstance(4);
    expect(search(instance, { seed: 1, budget: few }).evaluations).toBeLessThan(10_000);
  });

  it('finds what only a move that costs nothing opens, within any number of moves', () => {
    // The first machine is above the soft limit of host 0 and fits on host 1 alone, once the second one, which host 0 cannot take, has gone to host 2.
    const instance: Instance = {
      ...{ hosts: 3, places: 3, machines: 2, resources: 2 },
      ...{ hostOf: Int32Array.of(0, 1, 2), origin: Int32Array.of(0, 1), fixed: Uint8Array.of(0, 0) },
      ...{ demand: Float64Array.of(10, 0, 4, 1), capacity: Float64Array.of(10, 0, 10, 1, 5, 1) },
      ...{ base: new Float64Array(6), transient: Uint8Array.of(0, 0), unary: null, rules: [], domains: [] },
      objectives: {
        ...NO_OBJECTIVES,
        excess: { soft: Float64Array.of(5, 0, 10, 1, 5, 1), weight: new Float64Array(6).fill(1) },
      },
    };
    for (const maxMoves of [undefined, 2]) {
      const result = search(instance, { seed: 1, budget: { evaluations: 20_000 }, ...(maxMoves && { maxMoves }) });
      expect([...result.assignment], `most moves: ${maxMoves}`).toEqual([1, 2]);
    }
  });

  it('goes on from an earlier result, and never ends worse unless it places more', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = randomInstance(seed);
        const first = search(instance, { seed, budget: few, phase: { from: 0, to: 0.5 } });
        const second = search(instance, { seed, budget: few, start: first.assignment, phase: { from: 0.5, to: 1 } });
        if (!first.assignment.includes(-1)) expect(second.cost).toBeLessThanOrEqual(first.cost + 1e-4);
      }),
      { numRuns: 100 },
    );
  });
});
