import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, totalOf, violationsOf } from '../../../src/planner/engine/evaluate.js';
import type { Instance } from '../../../src/planner/engine/instance.js';
import { NO_OBJECTIVES } from '../../../src/planner/engine/instance.js';
import { Random } from '../../../src/planner/engine/random.js';
import { Best } from '../../../src/planner/engine/search/best.js';
import { Budget } from '../../../src/planner/engine/search/budget.js';
import { Exchange } from '../../../src/planner/engine/search/exchange.js';
import { Sampler } from '../../../src/planner/engine/search/sampler.js';
import { search } from '../../../src/planner/engine/search/index.js';
import { State } from '../../../src/planner/engine/state.js';
import { randomInstance } from './random-instance.js';

const ATTEMPTS = 60;

function exchangeOf(state: State, seed: number): Exchange {
  const budget = new Budget({ seed, budget: { evaluations: 1e6 } });
  return new Exchange(state, new Random(seed), budget, new Sampler(state.instance));
}

const broken = (instance: Instance, assignment: Int32Array) =>
  violationsOf(instance, assignment).map((text) => text.replace(/holds \S+/, 'holds').replace(/, of .*/, ''));

/** Two hosts, one larger; the large machine is on the small host above its threshold, the larger host is full of small machines. */
const misplaced: Instance = {
  hosts: 2,
  places: 2,
  machines: 9,
  resources: 1,
  hostOf: Int32Array.of(0, 1),
  origin: Int32Array.of(0, 1, 1, 1, 1, 1, 1, 1, 1),
  fixed: new Uint8Array(9),
  demand: Float64Array.of(9, 1, 1, 1, 1, 1, 1, 1, 1),
  capacity: Float64Array.of(10, 12),
  base: new Float64Array(2),
  transient: new Uint8Array(1),
  unary: null,
  rules: [],
  domains: [],
  objectives: {
    ...NO_OBJECTIVES,
    excess: { soft: Float64Array.of(8, 12), weight: Float64Array.of(100, 100) },
  },
};

describe('An exchange of one machine for several', () => {
  it('is the change that brings a large machine to the host where it belongs', () => {
    const state = new State(misplaced);
    const exchange = exchangeOf(state, 1);
    const best = new Best(state);
    let made = 0;
    for (let i = 0; i < ATTEMPTS && made === 0; i++) if (exchange.attempt(-1, 0, best)) made++;
    expect(state.place[0]).toBe(1);
    expect(state.cost).toBe(0);
  });

  it('is found by a search at once, where shifts and swaps find nothing', () => {
    const { assignment, cost } = search(misplaced, { seed: 1, budget: { evaluations: 20_000 } });
    expect(cost).toBe(0);
    expect(assignment[0]).toBe(1);
  });

  it('breaks nothing that the start kept, costs no more than its bound, and changes nothing where it is refused', () => {
    let made = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 30 }), (seed, bound) => {
        const instance = randomInstance(seed, { roomy: 0.1 });
        const state = new State(instance);
        const sampler = new Sampler(instance);
        if (sampler.count === 0 || instance.places < 2) return;
        const exchange = exchangeOf(state, seed);
        const best = new Best(state);
        const before = new Set(broken(instance, instance.origin));
        for (let i = 0; i < ATTEMPTS; i++) {
          const [cost, moves, place] = [state.cost, state.moves, state.place.slice()];
          if (exchange.attempt(bound, 1, best)) {
            made++;
            expect(state.cost - cost + (state.moves - moves)).toBeLessThanOrEqual(bound + 1e-6);
          } else expect(state.place).toEqual(place);
          expect(broken(instance, state.place).filter((text) => !before.has(text))).toEqual([]);
        }
        const cost = totalOf(evaluate(instance, state.place));
        expect(Math.abs(state.cost - cost)).toBeLessThan(1e-4 * Math.max(1, Math.abs(cost)));
        expect(state.moves).toBe(new State(instance, state.place).moves);
      }),
      { numRuns: 200 },
    );
    expect(made).toBeGreaterThan(100);
  });
});
