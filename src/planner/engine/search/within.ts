import type { Random } from '../random.js';
import type { State } from '../state.js';
import type { Best } from './best.js';
import type { Budget } from './budget.js';
import { Movers, Price } from './price.js';
import { scaleOf } from './scale.js';

/** The first temperature, as a share of what a change costs on average, and the last as a share of the first. */
const HOT = 0.1;
const COLD = 0.08;
/** How often two machines change places, instead of one going elsewhere. */
const SWAPS = 0.5;
/** How often the first machine of a change is one that is away already. */
const AWAY = 0.5;
/** How often a machine that is away goes home: alone, and for one that is there. */
const HOME = 0.24;
const FOR_ANOTHER = 0.2;

/**
 * Simulated annealing where at most `allowed` machines may be away from their origins in the end. Beside random shifts and swaps it draws
 * machines that are away more often than others, sends them home, and lets one that ran there go in their stead: near the limit, most
 * other changes are one move too many. Moves are priced while it runs (see `Price`).
 */
export function annealWithin(
  state: State,
  random: Random,
  budget: Budget,
  best: Best,
  allowed: number,
  phase: { readonly from: number; readonly to: number },
): void {
  const { machines, places, origin, fixed } = state.instance;
  const free = Array.from({ length: machines }, (_, machine) => machine).filter((machine) => fixed[machine] !== 1);
  if (free.length === 0 || places < 2 || allowed <= 0) return;
  const begin = budget.used();
  const hot = HOT * scaleOf(state, random, budget, free);
  if (hot === 0) return;
  const movers = new Movers(state);
  const price = new Price(state, movers, allowed);
  const between = Math.max(256, machines >> 1);
  let temperature = hot;
  for (let step = 0; ; step++) {
    if (step % between === 0) {
      const used = budget.used();
      if (used >= 1) break;
      const done = phase.from + ((phase.to - phase.from) * (used - begin)) / (1 - begin);
      temperature = hot * COLD ** done;
      price.steer(state.moves, done);
      if (state.moves <= allowed) best.offer(state);
    }
    budget.evaluations++;
    const { machines: away } = movers;
    const first =
      away.length > 0 && random.fraction() < AWAY ? away[random.below(away.length)] : free[random.below(free.length)];
    const a = first ?? 0;
    const from = state.place[a] ?? -1;
    const home = origin[a] ?? -1;
    if (from < 0) continue;
    const bound = -temperature * Math.log(1 - random.fraction());
    if (random.fraction() < SWAPS) {
      const there = home >= 0 && home !== from && random.fraction() < FOR_ANOTHER ? state.residents[home] : undefined;
      const b = (there === undefined ? free[random.below(free.length)] : there[random.below(there.length)]) ?? a;
      const to = state.place[b] ?? -1;
      if (to < 0 || to === from) continue;
      const more = extra(home, from, to) + extra(origin[b] ?? -1, to, from);
      if (more > 0 && state.moves + more > price.cap) continue;
      const limit = bound - price.value * more;
      if (!(state.swapDelta(a, b, limit) <= limit)) continue;
      state.swap(a, b);
      movers.note(a);
      movers.note(b);
    } else {
      const to = home >= 0 && home !== from && random.fraction() < HOME ? home : random.below(places);
      if (to === from) continue;
      const more = extra(home, from, to);
      if (more > 0 && state.moves + more > price.cap) continue;
      const limit = bound - price.value * more;
      if (!(state.shiftDelta(a, to, limit) <= limit)) continue;
      state.shift(a, to);
      movers.note(a);
    }
  }
  if (state.moves <= allowed) best.offer(state);
}

/** How many machines more are away when one of them goes from one place to another. */
function extra(home: number, from: number, to: number): number {
  return home < 0 ? 0 : (to === home ? 0 : 1) - (from === home ? 0 : 1);
}
