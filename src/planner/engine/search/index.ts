import type { Instance } from '../instance.js';
import { Random } from '../random.js';
import { State } from '../state.js';
import { anneal } from './anneal.js';
import { Best } from './best.js';
import { Budget } from './budget.js';
import { construct } from './construct.js';
import { descend } from './descend.js';
import type { Options, Result } from './options.js';
import { annealWithin } from './within.js';

export type { Options, Result } from './options.js';

/**
 * Looks for an assignment of little cost that keeps every rule and capacity that the start keeps: places what is nowhere, takes load off
 * hosts, then anneals until the budget is used up. The result is never worse than the start, except that machines have been placed.
 */
export function search(instance: Instance, options: Options): Result {
  const random = new Random(options.seed);
  const budget = new Budget(options);
  const state = new State(instance, options.start);
  const startCost = state.cost;
  construct(state, budget);
  const best = new Best(state);
  const allowed = options.maxMoves ?? Infinity;
  if ((options.phase?.from ?? 0) === 0) descend(state, random, budget, allowed);
  best.offer(state);
  if (budget.bounded) {
    const cool = allowed < instance.machines ? annealWithin : anneal;
    cool(state, random, budget, best, allowed, options.phase ?? { from: 0, to: 1 });
  }
  state.reset(best.assignment);
  options.onImprovement?.(best.assignment, state.cost);
  return {
    assignment: best.assignment,
    cost: state.cost,
    startCost,
    evaluations: budget.evaluations,
    moves: state.moves,
  };
}
