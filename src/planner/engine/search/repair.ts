import type { Instance } from '../instance.js';
import { Random } from '../random.js';
import { State } from '../state.js';
import { Best } from './best.js';
import { Budget } from './budget.js';
import { clear } from './clear.js';
import { eject } from './eject.js';
import { Inserter } from './insert.js';
import type { Options, Result } from './options.js';
import { uproot } from './uproot.js';

/** Searches that find nothing, in a row, after which moves are no longer saved: so many for each machine away, and so many at least. */
const PATIENCE = 12;
const PATIENCE_AT_LEAST = 150;
/** Share of the rebuildings that go beyond two places, and machines that such a one takes out, about. */
const WIDELY = 0.2;
const WIDEST = 64;

/**
 * Mends an assignment that breaks capacities or rules by moving few machines: takes out what is in trouble (`clear`), puts it elsewhere,
 * by ejection chains where nothing is free (Glover 1996) and by uprooting more and more around what finds no place, then saves moves by ruin and recreate around machines that are away (Schrimpf
 * et al. 2000). Machines that find no place stay nowhere and cost `unplaced`. No budget: it ends where nothing more is found.
 */
export function repair(instance: Instance, options: Options): Result {
  const budget = new Budget(options);
  const origin = options.start ?? instance.origin;
  const startCost = new State(instance, origin).cost;
  const state = new State(instance, clear(instance, origin));
  const random = new Random(options.seed);
  const inserter = new Inserter(state, random, budget);
  const waiting = Array.from(state.place.keys()).filter((machine) => state.place[machine] === -1);
  const left = inserter.insertAll(waiting);
  const best = new Best(state);
  if (left.length > 0) {
    eject(state, inserter, budget, best, left);
    uproot(state, inserter, random, budget, best);
  }
  state.reset(best.assignment);
  inserter.forget();
  saveMoves(state, inserter, random, budget);
  best.offer(state);
  state.reset(best.assignment);
  options.onImprovement?.(best.assignment.slice(), state.cost);
  return {
    assignment: best.assignment,
    cost: state.cost,
    startCost,
    evaluations: budget.evaluations,
    moves: state.moves,
  };
}

/** Brings machines home, or into fewer hosts, as long as that is found now and then. */
function saveMoves(state: State, inserter: Inserter, random: Random, budget: Budget): void {
  const { origin, objectives, machines } = state.instance;
  const isAway = (machine: number) => {
    const place = state.place[machine] ?? -1;
    return (
      place >= 0 && place !== origin[machine] && ((origin[machine] ?? -1) >= 0 || (objectives.opened?.[place] ?? 0) > 0)
    );
  };
  let away = Array.from({ length: machines }, (_, machine) => machine).filter(isAway);
  let patience = 0;
  while (away.length > 0 && patience < PATIENCE_AT_LEAST + PATIENCE * away.length && !budget.spent) {
    const machine = away[random.below(away.length)] ?? 0;
    const cost = state.cost;
    if (isAway(machine) && !rebuild(state, inserter, random, machine)) patience++;
    else if (state.cost < cost - 1e-9) {
      patience = 0;
      away = away.filter(isAway);
    } else patience++;
  }
}

/**
 * Takes out what came to the home of the machine and to where it is now, what left its home, and some who stayed there, and puts all back
 * as it saves most. Undoes it when it costs more; tells whether it was kept.
 */
function rebuild(state: State, inserter: Inserter, random: Random, machine: number): boolean {
  const { origin, fixed, objectives } = state.instance;
  const cost = state.cost;
  const place = state.place[machine] ?? -1;
  const home = origin[machine] ?? -1;
  const out = new Set<number>([machine]);
  for (const resident of home < 0 ? [] : (state.residents[home] ?? [])) {
    if (origin[resident] !== home || random.fraction() < 0.15) out.add(resident);
  }
  const empties = (objectives.opened?.[place] ?? 0) > 0;
  for (const resident of state.residents[place] ?? []) if (empties || random.fraction() < 0.3) out.add(resident);
  if (home >= 0) for (const other of inserter.awayFrom(home)) out.add(other);
  if (random.fraction() < WIDELY) widen(state, inserter, random, out);
  const taken = [...out].filter((one) => fixed[one] !== 1).map((one) => ({ one, was: state.place[one] ?? -1 }));
  for (const { one } of taken) state.remove(one);
  const order = taken.map(({ one }) => ({ one, rank: (objectives.moved?.[one] ?? 1) * random.fraction() }));
  order.sort((a, b) => b.rank - a.rank);
  const failed = inserter.insertAll(
    order.map(({ one }) => one),
    empties ? place : -1,
  );
  if (failed.length === 0 && state.cost <= cost + 1e-9) return true;
  for (const one of inserter.placed) state.remove(one);
  for (const { one, was } of taken) state.insert(one, was);
  return false;
}

/** Adds who is bound to those that are taken out, and some of what is at the homes of these: groups go home as a whole, or not at all. */
function widen(state: State, inserter: Inserter, random: Random, out: Set<number>): void {
  for (const one of [...out]) {
    for (const partner of inserter.ties.partnersOf(one)) {
      if (out.size >= WIDEST) return;
      out.add(partner);
      if (random.fraction() >= 0.3) continue;
      const home = state.instance.origin[partner] ?? -1;
      for (const resident of state.residents[home] ?? []) out.add(resident);
    }
  }
}
