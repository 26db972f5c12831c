import type { Random } from '../random.js';
import type { State } from '../state.js';
import type { Budget } from './budget.js';

/** Places that are tried for one machine. */
const PLACES_TRIED = 64;

/**
 * Takes load off the hosts that cost most: each of their machines goes where it saves most among some places drawn at random. Ends when a
 * whole round over all hosts finds nothing better, or with the budget.
 */
export function descend(state: State, random: Random, budget: Budget, allowed: number): void {
  const { hosts, hostOf } = state.instance;
  const placesOf = Array.from({ length: hosts }, (): number[] => []);
  hostOf.forEach((host, place) => placesOf[host]?.push(place));
  while (relieveAll(state, random, budget, allowed, placesOf) && !budget.spent);
}

/** One round over all hosts, the dearest first; tells whether anything moved. */
function relieveAll(
  state: State,
  random: Random,
  budget: Budget,
  allowed: number,
  placesOf: readonly (readonly number[])[],
): boolean {
  const costs = Float64Array.from(placesOf, (_, host) => state.hostCost(host));
  const order = Array.from(costs.keys()).sort((a, b) => (costs[b] ?? 0) - (costs[a] ?? 0));
  let found = false;
  for (const host of order) {
    for (const place of placesOf[host] ?? []) {
      for (const machine of state.residents[place]?.slice() ?? []) {
        if (budget.spent) return found;
        const target = betterPlace(state, random, budget, machine, allowed);
        if (target < 0) continue;
        state.shift(machine, target);
        found = true;
      }
    }
  }
  return found;
}

/** The place that saves most among some; -1: none saves anything. */
function betterPlace(state: State, random: Random, budget: Budget, machine: number, allowed: number): number {
  const { places, origin } = state.instance;
  const home = origin[machine] ?? -1;
  if (state.moves >= allowed && state.place[machine] === home) return -1;
  budget.evaluations += PLACES_TRIED;
  const leaving = state.leaveDelta(machine);
  let best = -1e-9;
  let target = -1;
  for (let i = 0; i < PLACES_TRIED; i++) {
    const to = random.below(places);
    if (to === state.place[machine]) continue;
    const delta = state.enterDelta(machine, to, leaving, best);
    if (delta >= best) continue;
    best = delta;
    target = to;
  }
  return target;
}
