import type { Random } from '../random.js';
import type { State } from '../state.js';
import type { Best } from './best.js';
import type { Budget } from './budget.js';
import { eject } from './eject.js';
import type { Inserter } from './insert.js';

/** Rounds in a row that place no machine more, after which the rest is taken to have no place. */
const ROUNDS = 600;
/** Rounds after which one more host is emptied in each. */
const ROUNDS_A_HOST = 12;
/** Machines that one round takes out, and ejections that it makes, at most. */
const UPROOTED = 400;
const EJECTIONS = 40;
/** Shares of places that rounds pass over, in turn. */
const BLINKS = [0, 0.05, 0.2, 0.5];

/**
 * Ruin and recreate on a large scale, for machines that ejections find no place for: takes out whole groups together with what is on a
 * few hosts, more and more of them, and puts all back in another order (Schrimpf et al. 2000). A round that leaves no more machines
 * nowhere is the start of the next one. Ends when all are placed, the budget is spent, or many rounds in a row placed none more.
 */
export function uproot(state: State, inserter: Inserter, random: Random, budget: Budget, best: Best): void {
  const { fixed } = state.instance;
  const nowhere = (assignment: Int32Array) =>
    Array.from(assignment.keys()).filter((machine) => assignment[machine] === -1 && fixed[machine] !== 1);
  let current: Int32Array = best.assignment.slice();
  let homeless = nowhere(current);
  for (let fruitless = 0; homeless.length > 0 && fruitless < ROUNDS && !budget.spent; fruitless++) {
    state.reset(current);
    inserter.blinks = BLINKS[fruitless % BLINKS.length] ?? 0;
    const out = ruin(state, inserter, random, homeless, 1 + Math.floor(fruitless / ROUNDS_A_HOST));
    const left = inserter.insertInOrder(out);
    inserter.blinks = 0;
    best.offer(state);
    eject(state, inserter, budget, best, left, EJECTIONS);
    const still = nowhere(state.place);
    if (still.length > homeless.length) continue;
    if (still.length < homeless.length) fruitless = 0;
    current = state.place.slice();
    homeless = still;
  }
  inserter.blinks = 0;
}

/** Takes out a homeless machine's partners and what is on some hosts; answers with all that are nowhere now, in an order by chance. */
function ruin(
  state: State,
  inserter: Inserter,
  random: Random,
  homeless: readonly number[],
  most: number,
): readonly number[] {
  const { hosts, hostOf, places, fixed } = state.instance;
  const machine = homeless[random.below(homeless.length)] ?? 0;
  const out = new Set<number>(homeless);
  const take = (one: number) => {
    if (fixed[one] !== 1 && out.size < UPROOTED + homeless.length) out.add(one);
  };
  const able = inserter.placesFor(machine);
  const emptied = new Set<number>();
  const count = 1 + random.below(Math.min(hosts, most + 1));
  for (let i = 0; i < count; i++) {
    const place = i % 2 === 0 && able.length > 0 ? (able[random.below(able.length)] ?? 0) : random.below(places);
    emptied.add(hostOf[place] ?? place);
  }
  for (const partner of inserter.ties.partnersOf(machine)) take(partner);
  state.residents.forEach((residents, place) => {
    if (emptied.has(hostOf[place] ?? place)) for (const resident of residents) take(resident);
  });
  // Who is bound to somebody that goes may have to go along.
  for (const one of [...out])
    if (random.below(2) === 0) for (const partner of inserter.ties.partnersOf(one)) take(partner);
  for (const one of out) if (state.place[one] !== -1) state.remove(one);
  return [...out]
    .map((one) => ({ one, rank: random.fraction() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}
