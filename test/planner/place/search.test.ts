import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answers, bestAnswers, sourceOf } from '../../../src/planner/place/search.js';
import type { Answer, Question } from '../../../src/planner/place/search.js';
import { draftOf } from '../../../src/planner/select/draft.js';
import { viewOf } from '../../../src/planner/view.js';
import type { FixtureLines } from '../fixture-lines.js';
import { fixture } from '../fixture.js';
import { cluster, shuffled } from '../random-cluster.js';

const SEED = Number(process.env['SEED'] ?? 20260105);
const RUNS = { numRuns: Number(process.env['RUNS'] ?? 150), seed: SEED };

/** What is asked for each machine of a cluster, under each of its load policies and under none. */
function questionsOf(lines: FixtureLines): readonly Question[] {
  const { desired, world } = fixture(lines);
  const view = viewOf(desired, world);
  return [...view.machines.values()].flatMap((machine) =>
    [null, ...desired.loadPolicies].map((relief) => {
      const { final, present } = draftOf(view, new Map());
      if (machine.running !== null) final.lift(machine.name, machine.running.host);
      return { view, occupancy: final, present, machine, source: sourceOf(view, machine), relief };
    }),
  );
}

describe(`the best answers (seed ${SEED})`, () => {
  it('are those that come first when every host is asked', () => {
    fc.assert(
      fc.property(fc.oneof(cluster, shuffled), (lines) => {
        for (const question of questionsOf(lines)) {
          const all = answers(question);
          const best = bestAnswers(question);
          const told = (found: readonly Answer[]) =>
            found.map((answer) =>
              answer.kind === 'feasible' ? [answer.host, answer.score] : [answer.host, answer.constraint],
            );
          const isFeasible = ({ kind }: Answer) => kind === 'feasible';
          if (!all.some(isFeasible)) expect(best).toEqual(all);
          else expect(told(best.filter(isFeasible).slice(0, 2))).toEqual(told(all.filter(isFeasible).slice(0, 2)));
        }
      }),
      RUNS,
    );
  });
});
