import type { Random } from '../random.js';
import type { State } from '../state.js';
import { anneal } from './anneal.js';
import type { Best } from './best.js';
import type { Budget } from './budget.js';
import { scaleOf } from './scale.js';

/** Evaluations for each machine that one cooling should have when there are several, and how many first ones there are at most. */
const WORTHWHILE = 5000;
const FIRST_COOLINGS = 6;
/** Until which share of the budget all first coolings last. */
const FIRST_SHARE = 0.45;
/** Then the best is warmed again, each time less: from where the cooling goes on, and until which share of the budget. */
const AGAIN = [
  { from: 0.3, until: 0.7 },
  { from: 0.4, until: 0.87 },
  { from: 0.5, until: 1 },
] as const;

/**
 * Anneals in cycles: where the few largest machines end is luck, and decides more than a slow cooling gains; so several coolings from the
 * start come first, and the best of them is warmed and cooled again. With a small budget there is one cooling.
 */
export function annealInCycles(state: State, random: Random, budget: Budget, best: Best): void {
  const scale = scaleOf(state, random, budget, [...state.place.keys()]);
  const coolings = Math.min(FIRST_COOLINGS, (FIRST_SHARE * budget.expected) / (WORTHWHILE * state.instance.machines));
  if (coolings < 1) {
    anneal(state, random, budget, best, { from: 0, to: 1, until: 1, scale });
    return;
  }
  const start = state.place.slice();
  for (let cycle = 1; cycle <= coolings; cycle++) {
    if (cycle > 1) restart(state, best, start);
    const until = (FIRST_SHARE * cycle) / Math.floor(coolings);
    anneal(state, random, budget, best, { from: 0, to: 1, until, scale });
  }
  for (const { from, until } of AGAIN) {
    restart(state, best, best.assignment);
    anneal(state, random, budget, best, { from, to: 1, until, scale });
  }
}

/** Cools once, from one share of the whole way to another: for searches in rounds, which must agree about temperatures. */
export function annealInRounds(
  state: State,
  random: Random,
  budget: Budget,
  best: Best,
  phase: { readonly from: number; readonly to: number },
): void {
  if (phase.from > 0) state.reset(state.instance.origin);
  const scale = scaleOf(state, random, budget, [...state.place.keys()]);
  if (phase.from > 0) state.reset(best.assignment);
  anneal(state, random, budget, best, { ...phase, until: 1, scale });
}

function restart(state: State, best: Best, assignment: Int32Array): void {
  state.reset(assignment);
  best.forget();
}
