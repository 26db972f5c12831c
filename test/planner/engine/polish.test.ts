import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { violationsOf } from '../../../src/planner/engine/evaluate.js';
import type { Instance } from '../../../src/planner/engine/instance.js';
import { polish } from '../../../src/planner/engine/search/polish.js';
import { search } from '../../../src/planner/engine/search/index.js';
import { State } from '../../../src/planner/engine/state.js';
import { randomInstance } from './random-instance.js';

/** Two hosts of one size, and machines of these sizes on them; what counts is how far their use differs. */
function twoHosts(sizes: readonly number[], origin: readonly number[]): Instance {
  const everywhere = Int32Array.of(0, 1);
  return {
    ...randomInstance(1),
    hosts: 2,
    places: 2,
    machines: sizes.length,
    resources: 1,
    hostOf: everywhere,
    origin: Int32Array.from(origin),
    fixed: new Uint8Array(sizes.length),
    demand: Float64Array.from(sizes),
    capacity: Float64Array.of(100, 100),
    base: new Float64Array(2),
    transient: new Uint8Array(1),
    unary: null,
    rules: [],
    domains: [],
    objectives: {
      excess: null,
      balance: [],
      deviation: [
        {
          resource: 0,
          offset: new Float64Array(2),
          scale: Float64Array.of(1, 1),
          weight: 1,
          hosts: Uint8Array.of(1, 1),
        },
      ],
      quadratic: [],
      company: [],
      moved: null,
      movedTogether: null,
      crossing: null,
      opened: null,
      slots: [],
      unplaced: null,
    },
  };
}

describe('polish', () => {
  it('sends home two machines that changed places for nothing', () => {
    const state = new State(twoHosts([3, 3, 5], [0, 1, 0]), Int32Array.of(1, 0, 0));
    polish(state, 0);
    expect([...state.place]).toEqual([0, 1, 0]);
  });

  it('uses a move that is left where it gains, and none that is not allowed', () => {
    const instance = twoHosts([4, 4], [0, 0]);
    for (const allowed of [0, 1]) {
      const state = new State(instance);
      polish(state, allowed);
      expect(state.moves).toBe(allowed);
    }
  });

  it('leaves nothing dearer, and breaks nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        const instance = randomInstance(seed);
        const { assignment } = search(instance, { seed, budget: { evaluations: 500 } });
        const state = new State(instance, assignment);
        const { cost, moves } = state;
        const before = violationsOf(instance, assignment).length;
        polish(state, moves);
        expect(state.cost).toBeLessThanOrEqual(cost + 1e-6);
        expect(state.moves).toBeLessThanOrEqual(moves);
        expect(violationsOf(instance, state.place).length).toBeLessThanOrEqual(before);
      }),
      { numRuns: 200 },
    );
  });
});
