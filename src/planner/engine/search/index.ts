import type { Instance } from '../instance.js';
import { Random } from '../random.js';
import { State } from '../state.js';
import { anneal } from './anneal.js';
import { Best } from './best.js';
import { Budget } from './budget.js';
import { construct } from './construct.js';
import { descend } from './descend.js';
import type { Options, Result } from './options.js';
import { polish } from './polish.js';
import { strategyAt } from './strategy.js';
import { annealWithin } from './within.js';

export type { Options, Result } from './options.js';
export { STRATEGIES } from './strategy.js';

/** Evaluations for each machine from which on annealing is better than descent. */
const ENOUGH = 100;

/**
 * Looks for an assignment of little cost that keeps every rule and capacity that the start keeps: places what is nowhere, takes load off
 * hosts, and anneals until the budget is used up. The result is never worse than the start, except that machines have been placed.
 */
export function search(instance: Instance, options: Options): Result {
  const random = new Random(options.seed);
  const budget = new Budget(options);
  const state = new State(instance, options.start);
  const startCost = state.cost;
  construct(state, budget);
  const best = new Best(state);
  const allowed = options.maxMoves ?? Infinity;
  const phase = options.phase ?? { from: 0, to: 1 };
  const limited = allowed < Infinity;
  // To descend first would fill hosts with what moved machines still hold, and an annealing that can begin hot needs no start.
  const cools = budget.bounded && budget.expected >= ENOUGH * instance.machines;
  if (limited ? phase.from === 0 : !cools) descend(state, random, budget, allowed);
  best.offer(state);
  if (limited && budget.bounded) annealWithin(state, random, budget, best, allowed, phase);
  else if (cools) anneal(state, random, budget, best, phase, strategyAt(options.strategy ?? 0));
  // Half way of a cooling the best assignment is often still the start: what has been reached is worth more than that.
  if (limited || !cools || phase.to === 1) state.reset(best.assignment);
  else best.assignment.set(state.place);
  if (limited && phase.to === 1) {
    polish(state, allowed);
    state.reset(state.place.slice());
    best.assignment.set(state.place);
  }
  options.onImprovement?.(best.assignment, state.cost);
  return {
    assignment: best.assignment,
    cost: state.cost,
    startCost,
    evaluations: budget.evaluations,
    moves: state.moves,
  };
}
