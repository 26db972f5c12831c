import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instance } from '../../../src/planner/engine/instance.js';
import { Random } from '../../../src/planner/engine/random.js';
import { steepest } from '../../../src/planner/engine/search/steepest.js';
import { State } from '../../../src/planner/engine/state.js';
import { randomInstance } from './random-instance.js';

const RETURNS = { returns: true } as const;

/** Hosts of different sizes and three resources whose spread counts; the same for the same seed. */
function uneven(seed: number): Instance {
  const random = new Random(seed);
  const [hosts, machines, resources] = [2 + random.below(6), 4 + random.below(20), 3];
  const everywhere = Int32Array.from({ length: hosts }, (_, host) => host);
  const scale = () => Float64Array.from(everywhere, () => 0.5 + random.fraction());
  // One host at most takes no part: two of them would be the same to a machine, and either step right.
  const part = () => Uint8Array.from(everywhere, (host) => (host > 0 || random.fraction() < 0.8 ? 1 : 0));
  return {
    ...randomInstance(seed),
    hosts,
    places: hosts,
    machines,
    resources,
    hostOf: everywhere,
    origin: Int32Array.from({ length: machines }, () => random.below(random.below(hosts) + 1)),
    fixed: Uint8Array.from({ length: machines }, () => (random.fraction() < 0.1 ? 1 : 0)),
    demand: Float64Array.from({ length: machines * resources }, () => random.fraction()),
    capacity: new Float64Array(hosts * resources).fill(2 + random.fraction() * machines),
    base: Float64Array.from({ length: hosts * resources }, () => random.fraction()),
    transient: new Uint8Array(resources),
    unary: null,
    rules:
      seed % 2 === 0
        ? []
        : [{ kind: 'apart', members: Int32Array.of(0, 1, 2, 3), domain: 0, most: 1, ...(seed % 4 === 1 && RETURNS) }],
    domains: [{ of: everywhere, count: hosts }],
    objectives: {
      excess: null,
      balance: [],
      deviation: [0, 1, 2].map((resource) => ({
        resource,
        offset: new Float64Array(hosts),
        scale: scale(),
        weight: random.fraction(),
        hosts: part(),
      })),
      quadratic: [],
      company: [{ members: Int32Array.of(0, 1, 2), domain: 0, weight: 0.3 }],
      moved: null,
      movedTogether: null,
      crossing: null,
      opened: null,
      slots: [],
      unplaced: null,
    },
  };
}

/** The costs after each step when every machine is tried on every host for each. */
function naive(state: State): number[] {
  const costs: number[] = [];
  for (;;) {
    let best = { delta: -1e-9, machine: -1, to: -1 };
    for (let machine = 0; machine < state.instance.machines; machine++) {
      for (let to = 0; to < state.instance.places; to++) {
        if ((state.place[machine] ?? -1) < 0) continue;
        const delta = state.shiftDelta(machine, to);
        if (delta < best.delta) best = { delta, machine, to };
      }
    }
    if (best.machine < 0) return costs;
    state.shift(best.machine, best.to);
    costs.push(state.cost);
  }
}

describe('steepest', () => {
  it('makes the steps that a search of every machine on every host makes, with fewer evaluations', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.boolean(), (seed, general) => {
        const instance = general ? randomInstance(seed) : uneven(seed);
        const costs: number[] = [];
        const state = new State(instance);
        steepest(state, (cost, gain) => {
          if (gain > 1e-9) costs.push(cost);
          return gain > 1e-9;
        });
        const start = new State(instance);
        const expected = [start.cost, ...naive(start)];
        expect([...costs, state.cost]).toHaveLength(expected.length);
        [...costs, state.cost].forEach((cost, step) => expect(cost).toBeCloseTo(expected[step] ?? NaN, 6));
      }),
      { numRuns: 300 },
    );
  });

  it('ends after so many moves as it may make', () => {
    const state = new State(uneven(3));
    expect(steepest(state, () => true, 2).moves).toBe(2);
    expect(state.moves).toBeLessThanOrEqual(2);
  });
});
