import { hashPlan } from '../../../../src/model/index.js';
import type { Action, Desired, Move, Plan, Precondition, Step, World } from '../../../../src/model/index.js';
import type { Dice } from '../../walk/walk.js';

export interface Planned {
  readonly plan: Plan;
  readonly desired: Desired;
  readonly world: World;
}

/** One way to spoil a plan. */
export interface Mutation {
  readonly reason: string;
  /** `always`: replay must refuse it every time · `unless-safe`: it may accept where every walk over the plan finds nothing wrong. */
  readonly refused: 'always' | 'unless-safe';
  /** Null where the plan has nothing to spoil in this way. */
  readonly spoil: (planned: Planned, dice: Dice) => Plan | null;
  /** The hash is left as it was; else it is made anew, so that only the fault itself can be what replay sees. */
  readonly keepsHash?: true;
  /** Least number of plans that must have been spoilt; 15 when absent. */
  readonly atLeast?: number;
}

/** The plan with a hash that fits. */
export function sealed(plan: Plan): Plan {
  return { ...plan, planHash: hashPlan(plan) };
}

export function pick<T>(dice: Dice, from: readonly T[]): T | null {
  return from[dice(from.length)] ?? null;
}

/** The plan with one of the steps that qualify changed; null when none does, or when the change comes to nothing. */
export function inStep(
  { plan }: Pick<Planned, 'plan'>,
  dice: Dice,
  qualifies: (step: Step, move: Move) => boolean,
  change: (step: Step, move: Move) => Partial<Step> | null,
): Plan | null {
  const step = pick(
    dice,
    plan.steps.filter((one) => qualifies(one, moveOf(plan, one))),
  );
  const changed = step === null ? null : change(step, moveOf(plan, step));
  if (step === null || changed === null) return null;
  return { ...plan, steps: plan.steps.map((one) => (one === step ? { ...step, ...changed } : one)) };
}

/** The plan with one of the actions that qualify changed, forth or back. */
export function inAction(
  { plan }: Planned,
  dice: Dice,
  list: 'actions' | 'undo',
  change: (action: Action, step: Step, move: Move) => Action | null,
): Plan | null {
  const spots = plan.steps.flatMap((step) =>
    step[list].flatMap((action, index) => {
      const changed = change(action, step, moveOf(plan, step));
      return changed === null ? [] : [{ step, index, changed }];
    }),
  );
  const spot = pick(dice, spots);
  if (spot === null) return null;
  const { step, index, changed } = spot;
  const spoilt = { ...step, [list]: step[list].with(index, changed) };
  return { ...plan, steps: plan.steps.map((one) => (one === step ? spoilt : one)) };
}

/** The plan with one move changed, and of its steps what stands for it. */
export function inMove(plan: Plan, move: Move, changed: Partial<Move>, step: (own: Step) => Step = (own) => own): Plan {
  return {
    ...plan,
    moves: plan.moves.map((one) => (one === move ? { ...move, ...changed } : one)),
    steps: plan.steps.map((one) => (one.move === move.id ? step(one) : one)),
  };
}

/** The plan without a step; what waited for it waits for what it waited for. */
export function withoutStep(plan: Plan, dropped: Step): Plan {
  const steps = plan.steps.flatMap((step): Step[] => {
    if (step === dropped) return [];
    return [{ ...step, dependsOn: step.dependsOn.flatMap((id) => (id === dropped.id ? dropped.dependsOn : [id])) }];
  });
  const waves = plan.waves.map((wave) => wave.filter((id) => id !== dropped.id));
  return { ...plan, steps, waves };
}

export function moveOf(plan: Plan, step: Step): Move {
  const move = plan.moves.find(({ id }) => id === step.move);
  if (move === undefined) throw new Error(`${step.id} belongs to no move`);
  return move;
}

/** Everything in a step that is about the target, changed: its actions, their undo, its preconditions. */
export function mapFacts(
  step: Step,
  action: (one: Action) => Action,
  precondition: (one: Precondition) => Precondition,
): Step {
  return {
    ...step,
    actions: step.actions.map(action),
    undo: step.undo.map(action),
    preconditions: step.preconditions.map(precondition),
  };
}
