import { Random } from '../random.js';
import type { State } from '../state.js';
import type { Best } from './best.js';
import type { Budget } from './budget.js';
import { temperatureAt } from './cooling.js';
import { Exchange } from './exchange.js';
import { Sampler } from './sampler.js';
import { scaleOf } from './scale.js';
import type { Strategy } from './strategy.js';

/** Shares of swaps among all changes, of similar machines among swaps, and of shifts that go home. */
const SWAPS = 0.6;
const SIMILAR = 0.6;
const HOME = 0.2;
const BETWEEN_DEALS = 1 << 15;
/** From so many evaluations on the mean change of cost is drawn so many times as often. */
const LONG = 1e6;
const LONG_SAMPLES = 10;
const SCALE_SEED = 1;

/** Which part of the whole way from hot (0) to cold (1) a search goes. */
export interface Phase {
  readonly from: number;
  readonly to: number;
}

/**
 * Simulated annealing (Kirkpatrick et al. 1983) with shifts, swaps and exchanges of one machine for several, until the budget is used up. How
 * much worse a change may be is drawn before it is evaluated, so that an evaluation ends as soon as it is too dear.
 *
 * A machine that has left home still holds transient resources there, and aimless changes at a high temperature would fill the cluster
 * with such holds until nothing fits anywhere. So being away has a price, in temperatures: only who gains more stays away. It vanishes with
 * the temperature. Where nothing is transient, there is none; see `Strategy`.
 */
export function anneal(
  state: State,
  random: Random,
  budget: Budget,
  best: Best,
  { from, to }: Phase,
  strategy: Strategy,
): void {
  const { places, origin, transient } = state.instance;
  const sampler = new Sampler(state.instance);
  const scale = scaleAtHome(state, budget, from > 0);
  if (sampler.count === 0 || places < 2 || scale === 0) return;
  const exchange = new Exchange(state, random, budget, sampler);
  const price = transient.includes(1) ? strategy.priceOfHold : 0;
  const { exchanges } = strategy;
  const begin = budget.used();
  let temperature = 0;
  for (let step = 0; ; step++) {
    if (step % 256 === 0) {
      const used = budget.used();
      if (used >= 1) return;
      temperature = scale * temperatureAt(from + ((to - from) * (used - begin)) / (1 - begin));
      if (step % BETWEEN_DEALS === 0) sampler.deal();
    }
    if (random.fraction() < exchanges) {
      const noise = -temperature * Math.log(1 - random.fraction());
      if (exchange.attempt(noise, price * temperature, best)) best.offerNoted(state);
      continue;
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

/**
 * By what temperatures are measured. A few large machines make most of it, so it takes many samples; and rounds and members of one search
 * must agree about it, so it is drawn at the origin and from a seed of its own.
 */
function scaleAtHome(state: State, budget: Budget, isLater: boolean): number {
  const { machines, origin } = state.instance;
  const here = state.place.slice();
  if (isLater) state.reset(origin);
  const all = Array.from({ length: machines }, (_, machine) => machine);
  const random = new Random(SCALE_SEED);
  const times = budget.expected < LONG ? 1 : LONG_SAMPLES;
  let sum = 0;
  for (let i = 0; i < times; i++) sum += scaleOf(state, random, budget, all);
  if (isLater) state.reset(here);
  return sum / times;
}
