import type { Random } from '../random.js';
import type { State } from '../state.js';
import type { Best } from './best.js';
import type { Budget } from './budget.js';

/** Changes that are drawn to learn how much one costs. */
const SAMPLES = 2000;
const COOLING = 1e-5;
const SWAPS = 0.5;

/**
 * Simulated annealing (Kirkpatrick et al. 1983) with shifts and swaps drawn at random; the temperature falls geometrically with the budget,
 * from a share of what a change costs on average. How much worse a change may be is drawn before it is evaluated, so that an
 * evaluation ends as soon as it is too dear.
 */
export function anneal(
  state: State,
  random: Random,
  budget: Budget,
  best: Best,
  allowed: number,
  phase: { readonly from: number; readonly to: number },
): void {
  const { machines, places, origin, fixed } = state.instance;
  if (machines === 0 || places < 2) return;
  const begin = budget.used();
  const hot = 0.05 * scaleOf(state, random, budget);
  if (hot === 0) return;
  let temperature = hot;
  for (let step = 0; ; step++) {
    if (step % 256 === 0) {
      const used = budget.used();
      if (used >= 1) return;
      const done = phase.from + ((phase.to - phase.from) * (used - begin)) / (1 - begin);
      temperature = hot * COOLING ** done;
    }
    const a = random.below(machines);
    const from = state.place[a] ?? -1;
    budget.evaluations++;
    if (from < 0 || fixed[a] === 1) continue;
    const bound = -temperature * Math.log(1 - random.fraction());
    if (random.fraction() < SWAPS) {
      const b = random.below(machines);
      const to = state.place[b] ?? -1;
      if (to < 0 || to === from) continue;
      if (state.moves + more(origin[a], from, to) + more(origin[b], to, from) > allowed) continue;
      if (!(state.swapDelta(a, b, bound) <= bound)) continue;
      state.swap(a, b);
    } else {
      const to = random.below(places);
      if (to === from || state.moves + more(origin[a], from, to) > allowed) continue;
      if (!(state.shiftDelta(a, to, bound) <= bound)) continue;
      state.shift(a, to);
    }
    best.offer(state);
  }
}

function more(origin: number | undefined, from: number, to: number): number {
  return origin === undefined || origin < 0 ? 0 : (to === origin ? 0 : 1) - (from === origin ? 0 : 1);
}

/** Mean change of cost, up or down, of shifts that are allowed. */
function scaleOf(state: State, random: Random, budget: Budget): number {
  const { machines, places } = state.instance;
  let [sum, count] = [0, 0];
  for (let i = 0; i < SAMPLES; i++) {
    const delta = state.shiftDelta(random.below(machines), random.below(places));
    if (!Number.isFinite(delta) || delta === 0) continue;
    sum += Math.abs(delta);
    count++;
  }
  budget.evaluations += SAMPLES;
  return count === 0 ? 0 : sum / count;
}
