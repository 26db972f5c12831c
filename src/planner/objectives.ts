import type { Goal, Objective, Weights } from '../model/index.js';
import type { Drawbacks } from './place/drawbacks.js';

/** One thing that plans and places are judged by. */
interface ObjectiveRow {
  /** What the policy's weight is when it writes none; in `schemas/v1alpha1/LoadPolicy.json` stand unit and meaning. */
  readonly weight: number;
  /** Goals of load policies under which the search for a whole plan counts it. */
  readonly goals: readonly Goal[];
  /** What of it one place can have against it, and how much that counts in the choice of a place. */
  readonly drawbacks: Readonly<Partial<Record<keyof Drawbacks, number>>>;
}

const SEARCHED: readonly Goal[] = ['relieve', 'balance', 'consolidate', 'defragment'];

/** The one table of what counts, and how much. A policy's weight replaces `weight`, and scales the drawbacks by as much. */
export const OBJECTIVES: Readonly<Record<Objective, ObjectiveRow>> = {
  overload: { weight: 10, goals: SEARCHED, drawbacks: {} },
  imbalance: { weight: 1, goals: ['balance'], drawbacks: { load: 1, memory: 0.5, groupLoad: 0.25 } },
  migration: { weight: 0.06, goals: SEARCHED, drawbacks: { strategy: 1, waiting: 4 } },
  fragmentation: { weight: 5, goals: ['defragment'], drawbacks: { waste: 0.5, functions: 0.25 } },
  groupCrossing: { weight: 0.1, goals: SEARCHED, drawbacks: { groupCrossing: 2 } },
  hostsInUse: { weight: 1, goals: ['consolidate'], drawbacks: {} },
};

const NAMES = Object.keys(OBJECTIVES) as readonly Objective[];

/** Weight of each objective that the goal of a policy counts, 0 for the others. */
export function weightsFor({ goal, weights }: { readonly goal: Goal; readonly weights: Weights }): Weights {
  const entries = NAMES.map((name) => [name, OBJECTIVES[name].goals.includes(goal) ? weights[name] : 0] as const);
  return Object.fromEntries(entries) as Record<Objective, number>;
}

/** What speaks against a place, by objective: the weighted sum of its drawbacks. A policy's weights count for its own moves only. */
export function scoresOf(drawbacks: Drawbacks, weights: Weights | null): Weights {
  const entries = NAMES.map((name) => [name, sumOf(name, drawbacks) * factor(name, weights)] as const);
  return Object.fromEntries(entries) as Record<Objective, number>;
}

/** How much each drawback of a place counts in the end, under a policy's weights. */
export function drawbackWeights(weights: Weights | null): Readonly<Record<keyof Drawbacks, number>> {
  const pairs = NAMES.flatMap((name) =>
    Object.entries(OBJECTIVES[name].drawbacks).map(([part, weight]) => [part, weight * factor(name, weights)] as const),
  );
  return Object.fromEntries(pairs) as Record<keyof Drawbacks, number>;
}

/** The sum over all objectives. */
export function totalOf(scores: Weights): number {
  return NAMES.reduce((sum, name) => sum + scores[name], 0);
}

function sumOf(name: Objective, drawbacks: Drawbacks): number {
  const parts = Object.entries(OBJECTIVES[name].drawbacks) as [keyof Drawbacks, number][];
  return parts.reduce((sum, [part, weight]) => sum + weight * drawbacks[part], 0);
}

function factor(name: Objective, weights: Weights | null): number {
  return weights === null ? 1 : weights[name] / OBJECTIVES[name].weight;
}
