import type { Random } from '../random.js';
import type { State } from '../state.js';
import type { Best } from './best.js';
import type { Budget } from './budget.js';
import { Sampler } from './sampler.js';

/** The temperature at the start, in mean changes of cost, and the share of it at the end. */
const HOT = 20;
const COOLING = 2e-6;
/** Shares of swaps among all changes, of similar machines among swaps, and of shifts that go home. */
const SWAPS = 0.6;
const SIMILAR = 0.6;
const HOME = 0.2;
/** What it costs to leave home, in temperatures: where something is transient, and else. */
const PRICE_TRANSIENT = 4;
const PRICE = 2;
const BETWEEN_DEALS = 1 << 15;

/** One cooling: how far it goes of the whole way from hot (0) to cold (1), and until which share of the budget. */
export interface Cooling {
  readonly from: number;
  readonly to: number;
  readonly until: number;
  /** See `scaleOf`. */
  readonly scale: number;
}

/**
 * Simulated annealing (Kirkpatrick et al. 1983) with shifts and swaps; the temperature falls geometrically with the budget. How much worse a
 * change may be is drawn before it is evaluated, so that an evaluation ends as soon as it is too dear.
 *
 * A machine that has left home still holds transient resources there, and aimless changes at a high temperature would fill the cluster
 * with such holds until nothing fits anywhere. So being away has a price, in temperatures: only who gains more stays away. It vanishes with
 * the temperature.
 */
export function anneal(state: State, random: Random, budget: Budget, best: Best, cooling: Cooling): void {
  const { places, origin, transient } = state.instance;
  const sampler = new Sampler(state.instance);
  if (sampler.count === 0 || places < 2 || cooling.scale === 0) return;
  const { from, to, until } = cooling;
  const hot = HOT * cooling.scale;
  const price = transient.includes(1) ? PRICE_TRANSIENT : PRICE;
  const begin = budget.used();
  let temperature = hot;
  for (let step = 0; ; step++) {
    if (step % 256 === 0) {
      const used = budget.used();
      if (used >= Math.min(1, until)) return;
      temperature = hot * COOLING ** (from + ((to - from) * (used - begin)) / (until - begin));
      if (step % BETWEEN_DEALS === 0) sampler.deal();
    }
    budget.evaluations++;
    const a = sampler.draw(random);
    const here = state.place[a] ?? -1;
    if (here < 0) continue;
    const noise = -temperature * Math.log(1 - random.fraction());
    const before = state.cost;
    if (random.fraction() < SWAPS) {
      const b = random.fraction() < SIMILAR ? sampler.similar(a, random) : sampler.any(random);
      const there = state.place[b] ?? -1;
      if (there < 0 || there === here) continue;
      const away = more(origin[a], here, there) + more(origin[b], there, here);
      const bound = noise - price * temperature * away;
      if (!(state.swapDelta(a, b, bound) <= bound)) continue;
      state.swap(a, b);
      sampler.learn(b, state.cost - before);
      best.note(b);
    } else {
      const there = random.fraction() < HOME ? (origin[a] ?? -1) : random.below(places);
      if (there < 0 || there === here) continue;
      const away = more(origin[a], here, there);
      const bound = noise - price * temperature * away;
      if (!(state.shiftDelta(a, there, bound) <= bound)) continue;
      state.shift(a, there);
    }
    sampler.learn(a, state.cost - before);
    best.note(a);
    best.offerNoted(state);
  }
}

/** How many more machines are away from home after a machine went. */
function more(origin: number | undefined, from: number, to: number): number {
  return origin === undefined || origin < 0 ? 0 : (to === origin ? 0 : 1) - (from === origin ? 0 : 1);
}
