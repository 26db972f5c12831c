import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadPolicy, World } from '../../../src/model/index.js';
import { plan } from '../../../src/planner/index.js';
import type { FixtureLines } from '../fixture-lines.js';
import { fixture } from '../fixture.js';
import { cluster } from '../random-cluster.js';
import { resultOf } from '../result.js';

const SEED = Number(process.env['SEED'] ?? 20260105);
const RUNS = { numRuns: Number(process.env['RUNS'] ?? 100), seed: SEED };

const uneven: FixtureLines = {
  hosts: { h1: { cpu: 0.6 }, h2: { cpu: 0.1 }, h3: { cpu: 0.1 } },
  machines: {
    ...Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, { on: 'h1', cpu: 3.2 }])),
    ...{ g: { on: 'h2', cpu: 3.2 }, h: { on: 'h3', cpu: 3.2 } },
  },
};

/** The same world with every host's load a little higher or lower, by turns. */
function nudged(world: World, by: number): World {
  const samples = world.samples.map((sample, index) =>
    sample.subject.kind === 'host' ? { ...sample, value: sample.value + (index % 2 === 0 ? by : -by) } : sample,
  );
  return { ...world, samples };
}

describe('a plan that was carried out', () => {
  const goals: readonly LoadPolicy['goal'][] = ['relieve', 'balance', 'consolidate', 'defragment'];
  it.each(goals)('is not set off again by a little more load (%s)', (goal) => {
    const load = { goal, minimumGain: 0.05, thresholds: [{ metric: 'cpu' as const, high: 0.55, low: 0.5 }] };
    const { desired, world } = fixture({ ...uneven, load });
    const made = plan(desired, world);
    expect(made.moves.length > 0).toBe(goal !== 'defragment');
    expect(plan(desired, nudged(resultOf(world, made), 0.01)).moves).toEqual([]);
  });

  it('is what a plan with a little other load would have been, where the goal is clear', () => {
    const load = { goal: 'balance' as const, minimumGain: 0.1 };
    const { desired, world } = fixture({ ...uneven, load });
    const placesOf = (at: World) => plan(desired, at).moves.map(({ machine, to }) => `${machine} ${to}`);
    expect(placesOf(nudged(world, 0.005))).toEqual(placesOf(world));
  });
});

describe(`refusals of random clusters (seed ${SEED})`, () => {
  it('say for each host that was asked why the machine is not there', () => {
    const asked = new Set(['NoFeasibleHost', 'NoStrategy', 'GainTooSmall', 'NoBenefit']);
    fc.assert(
      fc.property(cluster, fc.constantFrom(0.01, 0.3), (lines, minimumGain) => {
        const { desired, world } = fixture({ ...lines, load: { ...lines.load, minimumGain } });
        for (const { machine, reason, candidates } of plan(desired, world).refusals) {
          if (!asked.has(reason)) continue;
          const told = candidates.map(({ host }) => host);
          expect(new Set(told).size).toBe(told.length);
          // What is not worth it nearby is not asked of hosts behind other switches.
          const least = reason === 'GainTooSmall' || reason === 'NoBenefit' ? 1 : desired.hosts.length - 1;
          expect(told.length, `${machine} ${reason}`).toBeGreaterThanOrEqual(least);
          for (const { constraint, message } of candidates) expect([constraint, message]).not.toContain('');
        }
      }),
      RUNS,
    );
  });
});
