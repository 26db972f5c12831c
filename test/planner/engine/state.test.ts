import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, totalOf, violationsOf } from '../../../src/planner/engine/evaluate.js';
import type { Instance } from '../../../src/planner/engine/instance.js';
import { Random } from '../../../src/planner/engine/random.js';
import { State } from '../../../src/planner/engine/state.js';
import { randomInstance } from './random-instance.js';

const seeds = fc.integer({ min: 0, max: 1e9 });
const cost = (instance: Instance, assignment: Int32Array) => totalOf(evaluate(instance, assignment));
// A standard deviation of 0 comes out as the root of what rounding left.
const closeTo = (actual: number, expected: number) => {
  if (actual === expected) return;
  expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThan(
    1e-4 * Math.max(1, Math.abs(expected)),
  );
};

/** The assignment with some machines put elsewhere. */
function changed(assignment: Int32Array, changes: readonly (readonly [number, number])[]): Int32Array {
  const copy = assignment.slice();
  for (const [machine, place] of changes) copy[machine] = place;
  return copy;
}

/** Walks through random changes, forbidden by rules or not, but never into a place of infinite cost. */
function walk(instance: Instance, seed: number, visit: (state: State, random: Random) => void): void {
  const random = new Random(seed);
  const state = new State(instance);
  for (let step = 0; step < 12 && instance.machines > 0; step++) {
    visit(state, random);
    const machine = random.below(instance.machines);
    const place = random.below(instance.places + 1) - 1;
    if (cost(instance, changed(state.place, [[machine, place]])) === Infinity) continue;
    if (random.below(4) > 0 && state.shiftDelta(machine, place) === Infinity) continue;
    state.shift(machine, place);
  }
}

/** What is broken, without the figures: place and resource, machine, or rule. */
const broken = (instance: Instance, assignment: Int32Array) =>
  new Set(violationsOf(instance, assignment).map((text) => text.replace(/holds \S+/, 'holds').replace(/, of .*/, '')));

describe('State', () => {
  it('has the cost that is computed from nothing, after any changes', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = randomInstance(seed);
        closeTo(new State(instance).cost, cost(instance, instance.origin));
        walk(instance, seed + 1, (state) => closeTo(state.cost, cost(instance, state.place)));
      }),
      { numRuns: 600 },
    );
  });

  it('foretells what a shift costs, and forbids exactly the shifts that break something', () => {
    const seen = { allowed: 0, forbidden: 0 };
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = randomInstance(seed, { roomy: (seed % 7) / 6 });
        walk(instance, seed + 1, (state, random) => {
          const before = broken(instance, state.place);
          const machine = random.below(instance.machines);
          for (let place = -1; place < instance.places; place++) {
            const delta = state.shiftDelta(machine, place);
            const then = changed(state.place, [[machine, place]]);
            const after = broken(instance, then);
            if (delta < Infinity) {
              seen.allowed++;
              closeTo(delta, cost(instance, then) - state.cost);
              expect([...after].filter((text) => !before.has(text))).toEqual([]);
            } else {
              seen.forbidden++;
              if (before.size === 0) expect(after.size).toBeGreaterThan(0);
            }
          }
        });
      }),
      { numRuns: 600 },
    );
    expect(Math.min(seen.allowed, seen.forbidden)).toBeGreaterThan(1000);
  });

  it('foretells what a swap costs, and forbids exactly the swaps that break something', () => {
    const seen = { allowed: 0, forbidden: 0 };
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = randomInstance(seed, { roomy: (seed % 7) / 6 });
        walk(instance, seed + 1, (state, random) => {
          const before = broken(instance, state.place);
          const a = random.below(instance.machines);
          for (let b = 0; b < instance.machines; b++) {
            const [from, to] = [state.place[a] ?? -1, state.place[b] ?? -1];
            if (a === b || from < 0 || to < 0) continue;
            const delta = state.swapDelta(a, b);
            const then = changed(state.place, [
              [a, to],
              [b, from],
            ]);
            const after = broken(instance, then);
            if (delta < Infinity) {
              seen.allowed++;
              closeTo(delta, cost(instance, then) - state.cost);
              expect([...after].filter((text) => !before.has(text))).toEqual([]);
            } else {
              seen.forbidden++;
              if (before.size === 0) expect(after.size).toBeGreaterThan(0);
            }
          }
        });
      }),
      { numRuns: 600 },
    );
    expect(Math.min(seen.allowed, seen.forbidden)).toBeGreaterThan(1000);
  });

  it('answers truly for all changes within a bound, and above the bound for all others', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = randomInstance(seed);
        walk(instance, seed + 1, (state, random) => {
          const [a, b] = [random.below(instance.machines), random.below(instance.machines)];
          const bound = (random.fraction() - 0.5) * 100;
          const check = (exact: number, bounded: number) => {
            if (exact > bound) expect(bounded).toBeGreaterThan(bound);
            else closeTo(bounded, exact);
          };
          const place = random.below(instance.places);
          check(state.shiftDelta(a, place), state.shiftDelta(a, place, bound));
          if (a !== b) check(state.swapDelta(a, b), state.swapDelta(a, b, bound));
        });
      }),
      { numRuns: 400 },
    );
  });

  it('knows who is where and how many have moved, and returns to any assignment', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = randomInstance(seed);
        walk(instance, seed + 1, (state) => {
          const away = [...state.place].filter((place, machine) => {
            const origin = instance.origin[machine] ?? -1;
            return origin >= 0 && place !== origin;
          });
          expect(state.moves).toBe(away.length);
          state.residents.forEach((machines, place) => {
            expect(machines.toSorted()).toEqual(
              [...state.place.keys()].filter((m) => state.place[m] === place).toSorted(),
            );
          });
          const copy = new State(instance, state.place);
          closeTo(copy.cost, state.cost);
          copy.reset(instance.origin);
          closeTo(copy.cost, cost(instance, instance.origin));
        });
      }),
      { numRuns: 200 },
    );
  });
});
