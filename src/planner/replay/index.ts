import { hashPlan, problem } from '../../model/index.js';
import type { Desired, Plan, Problem, Verdict, World } from '../../model/index.js';
import { checkActionOrder } from './action-order.js';
import { checkCapacity } from './capacity.js';
import { checkCompany } from './company.js';
import { checkDeeds } from './deeds.js';
import { checkFitness } from './fitness.js';
import { checkGuards } from './guards.js';
import { checkHolding } from './holding.js';
import { checkJourneys } from './journey.js';
import { checkLimits } from './limits.js';
import { checkMacs } from './macs.js';
import { checkPins, checkPlacement } from './placement.js';
import { checkSequence } from './sequence.js';
import { checkStaging } from './staging.js';
import { checkStrategy } from './strategy.js';
import { checkTerms } from './terms.js';
import { checkUndo } from './undo.js';
import { readGraph } from './graph.js';
import { tell } from './story.js';
import type { Act, Story } from './story.js';

const EACH_MOVE: readonly ((story: Story, act: Act) => readonly Problem[])[] = [
  checkSequence,
  checkDeeds,
  checkActionOrder,
  checkStaging,
  checkUndo,
  checkTerms,
  checkGuards,
  checkFitness,
  checkStrategy,
  checkPlacement,
];

const WHOLE_PLAN: readonly ((story: Story) => readonly Problem[])[] = [
  checkJourneys,
  checkHolding,
  checkMacs,
  checkCapacity,
  checkCompany,
  checkPins,
  checkLimits,
];

/**
 * Accepts a plan when nothing is unsafe at any moment of any execution that respects `dependsOn`, however long steps take.
 * It shares no code with the planner, so that no mistake of one can be made by both.
 */
export function replay(plan: Plan, desired: Desired, world: World): Verdict {
  const { graph, problems } = readGraph(plan);
  const unreadable = [...checkEnvelope(plan, world), ...problems];
  if (unreadable.length > 0) return { accepted: false, violations: unreadable };
  const story = tell(plan, desired, world, graph);
  const violations = [
    ...WHOLE_PLAN.flatMap((check) => check(story)),
    ...story.acts.flatMap((act) => EACH_MOVE.flatMap((check) => check(story, act))),
  ];
  return violations.length === 0 ? { accepted: true } : { accepted: false, violations };
}

function checkEnvelope(plan: Plan, world: World): readonly Problem[] {
  const faults: readonly (readonly [boolean, string])[] = [
    [plan.cluster !== world.cluster, `it is for cluster ${plan.cluster}, the world is of ${world.cluster}`],
    [plan.planHash !== hashPlan(plan), 'its hash is not that of what it does'],
    [plan.observedFingerprint === '', 'it has no fingerprint of the world that it was made from'],
    [plan.expiresAt <= plan.createdAt, 'it expires before it is made'],
  ];
  return faults.flatMap(([isWrong, message]) => (isWrong ? [problem({ code: 'InvalidPlan', message })] : []));
}
