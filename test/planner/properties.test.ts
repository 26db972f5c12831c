import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/index.js';
import { plan, replay } from '../../src/planner/index.js';
import { fixture } from './fixture.js';
import { cluster, shuffled } from './random-cluster.js';
import { resultOf } from './result.js';

const SEED = Number(process.env['SEED'] ?? 20260105);
const RUNS = { numRuns: Number(process.env['RUNS'] ?? 150), seed: SEED };

const kinds = [
  { kind: 'random clusters', lines: cluster },
  { kind: 'full clusters whose machines change places', lines: shuffled },
];

describe.each(kinds)(`plans of $kind (seed ${SEED})`, ({ lines }) => {
  const clusters = lines.map(fixture);

  it('are the same for the same world', () => {
    fc.assert(
      fc.property(clusters, ({ desired, world }) => {
        expect(plan(desired, world)).toEqual(plan(desired, world));
      }),
      RUNS,
    );
  });

  it('are accepted by the independent checker', () => {
    fc.assert(
      fc.property(clusters, ({ desired, world }) => {
        expect(replay(plan(desired, world), desired, world)).toEqual({ accepted: true });
      }),
      RUNS,
    );
  });

  it('have no steps that wait for each other', () => {
    fc.assert(
      fc.property(clusters, ({ desired, world }) => {
        expect(stuckSteps(plan(desired, world))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('leave nothing to move in the world that they make', () => {
    fc.assert(
      fc.property(clusters, ({ desired, world }) => {
        const again = plan(desired, resultOf(world, plan(desired, world)));
        expect(again.moves.map(({ machine, from, to }) => ({ machine, from, to }))).toEqual([]);
      }),
      RUNS,
    );
  });
});

/** Steps that never become free to start, each earlier step being done when all that it waits for is. */
function stuckSteps({ steps }: Plan): readonly string[] {
  const done = new Set<string>();
  for (let before = -1; done.size > before;) {
    before = done.size;
    for (const step of steps) if (step.dependsOn.every((id) => done.has(id))) done.add(step.id);
  }
  return steps.filter((step) => !done.has(step.id)).map((step) => step.id);
}
