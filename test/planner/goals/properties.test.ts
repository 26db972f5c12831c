import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadPolicy } from '../../../src/model/index.js';
import { plan, replay } from '../../../src/planner/index.js';
import type { FixtureLines } from '../fixture-lines.js';
import { fixture } from '../fixture.js';
import { cluster, shuffled } from '../random-cluster.js';
import { resultOf } from '../result.js';

const SEED = Number(process.env['SEED'] ?? 20260105);
const RUNS = { numRuns: Number(process.env['RUNS'] ?? 150), seed: SEED };

const goals: readonly { goal: LoadPolicy['goal']; load: Partial<LoadPolicy> }[] = [
  { goal: 'balance', load: {} },
  { goal: 'consolidate', load: {} },
  {
    goal: 'defragment',
    load: {
      slot: {
        ...{ count: 2, vcpus: 4, memoryMiB: 8192, hugepageSizeKiB: 0, isolatedCpus: false, numaPinned: true },
        devices: [{ class: 'vf', count: 1 }],
      },
    },
  },
];

describe.each(goals)(`plans to $goal (seed ${SEED})`, ({ goal, load }) => {
  const clusters = fc
    .oneof(cluster, shuffled)
    .map((lines): FixtureLines => ({ ...lines, load: { ...lines.load, ...load, goal } }));

  it('are accepted by the independent checker', () => {
    fc.assert(
      fc.property(clusters, (lines) => {
        const { desired, world } = fixture(lines);
        expect(replay(plan(desired, world), desired, world)).toEqual({ accepted: true });
      }),
      RUNS,
    );
  });

  it('leave nothing to move in the world that they make', () => {
    fc.assert(
      fc.property(clusters, (lines) => {
        const { desired, world } = fixture(lines);
        const again = plan(desired, resultOf(world, plan(desired, world)));
        expect(again.moves.map(({ machine, from, to }) => ({ machine, from, to }))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('are the same for the same world', () => {
    fc.assert(
      fc.property(clusters, (lines) => {
        const { desired, world } = fixture(lines);
        expect(plan(desired, world)).toEqual(plan(desired, world));
      }),
      RUNS,
    );
  });
});
