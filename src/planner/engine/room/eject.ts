import type { Rule } from '../instance.js';
import type { State } from '../state.js';
import type { Journal } from './journal.js';
import { placesByHost } from './neighbourhood.js';

/** What one attempt to place a machine may still use. */
export interface Effort {
  evaluations: number;
  readonly allows: (machine: number, place: number) => boolean;
}

/** Machines that one place may be asked to give up for another machine. */
const MOST_VICTIMS = 8;

/**
 * Puts a machine that is nowhere into a place, and machines that are in its way elsewhere, those again at the cost of others down to
 * `depth` (ejection chains: Glover 1996, Discrete Applied Mathematics 65). Hosts that need the fewest and cheapest machines to leave
 * are tried first. Answers whether it went; when it did not, nothing has changed.
 */
export function eject(
  journal: Journal,
  machine: number,
  depth: number,
  effort: Effort,
  closed: ReadonlySet<number> = new Set(),
): boolean {
  const { state } = journal;
  const direct = bestPlace(state, machine, effort, closed);
  if (direct >= 0) {
    journal.shift(machine, direct);
    return true;
  }
  if (depth === 0) return false;
  const { hostOf } = state.instance;
  for (const { place, victims } of ways(state, machine, effort, closed)) {
    if (effort.evaluations <= 0) return false;
    const mark = journal.mark;
    for (const victim of victims) journal.shift(victim, -1);
    journal.shift(machine, place);
    const shut = new Set([...closed, hostOf[place] ?? place]);
    if (victims.every((victim) => eject(journal, victim, depth - 1, effort, shut))) return true;
    journal.undo(mark);
  }
  return false;
}

/** The place that costs least, -1 when none is open. */
export function bestPlace(state: State, machine: number, effort: Effort, closed: ReadonlySet<number>): number {
  const { places, hostOf } = state.instance;
  const leaving = state.leaveDelta(machine);
  let best = Infinity;
  let found = -1;
  for (let place = 0; place < places; place++) {
    if (closed.has(hostOf[place] ?? place) || !effort.allows(machine, place)) continue;
    const delta = state.enterDelta(machine, place, leaving, best);
    if (delta >= best) continue;
    best = delta;
    found = place;
  }
  effort.evaluations -= places;
  return found;
}

interface Way {
  readonly place: number;
  readonly victims: readonly number[];
  readonly cost: number;
}

/** Places that the machine could have if some machines left, the least costly way first. */
function ways(state: State, machine: number, effort: Effort, closed: ReadonlySet<number>): readonly Way[] {
  const { places, hostOf, unary, objectives, rules } = state.instance;
  const found: Way[] = [];
  const own = rules.filter(({ members }) => members.includes(machine));
  const cells = placesByHost(state.instance);
  for (let place = 0; place < places; place++) {
    if (closed.has(hostOf[place] ?? place) || !effort.allows(machine, place)) continue;
    if (unary?.cost[(unary.classOf[machine] ?? 0) * places + place] === Infinity) continue;
    const victims = victimsFor(
      state,
      machine,
      place,
      rivals(state, machine, place, cells[hostOf[place] ?? place] ?? [], own),
    );
    effort.evaluations -= victims?.length ?? MOST_VICTIMS;
    if (victims === null) continue;
    const moved = victims.reduce((sum, victim) => sum + (objectives.moved?.[victim] ?? 0), 0);
    found.push({ place, victims, cost: 1000 * victims.length + moved });
  }
  return found.sort((a, b) => a.cost - b.cost || a.place - b.place);
}

/** The fewest machines whose leaving lets the machine in, null when no few do; the state is as before afterwards. */
function victimsFor(
  state: State,
  machine: number,
  place: number,
  candidates: readonly number[],
): readonly number[] | null {
  const opens = () => state.shiftDelta(machine, place) < Infinity;
  const back = (victims: readonly (readonly [number, number])[]) => {
    for (const [victim, home] of victims.toReversed()) state.shift(victim, home);
  };
  for (const victim of candidates) {
    const home = state.place[victim] ?? -1;
    state.remove(victim);
    const enough = opens();
    state.shift(victim, home);
    if (enough) return [victim];
  }
  const out: [number, number][] = [];
  for (const victim of candidates.slice(0, MOST_VICTIMS)) {
    out.push([victim, state.place[victim] ?? -1]);
    state.remove(victim);
    if (!opens()) continue;
    const needed = out.filter(([each, at]) => {
      state.shift(each, at);
      if (opens()) return false;
      state.remove(each);
      return true;
    });
    back(needed);
    return needed.map(([each]) => each);
  }
  back(out);
  return null;
}

/** Machines that may be in the way: those on the host and partners of its rules nearby, those that need most of what it needs first. */
function rivals(
  state: State,
  machine: number,
  place: number,
  placesOfHost: readonly number[],
  own: readonly Rule[],
): readonly number[] {
  const { fixed, demand, resources, domains } = state.instance;
  const near = new Set<number>();
  for (const { members, domain } of own) {
    const of = domains[domain]?.of;
    for (const member of members) {
      const at = state.place[member] ?? -1;
      if (at >= 0 && of?.[at] === of?.[place]) near.add(member);
    }
  }
  for (const at of placesOfHost) for (const resident of state.residents[at] ?? []) near.add(resident);
  const size = (each: number) => {
    let sum = 0;
    for (let r = 0; r < resources; r++) {
      const wanted = demand[machine * resources + r] ?? 0;
      if (wanted > 0) sum += Math.min(1, (demand[each * resources + r] ?? 0) / wanted);
    }
    return sum;
  };
  return [...near]
    .filter((each) => fixed[each] !== 1 && each !== machine)
    .map((each) => ({ each, size: size(each) }))
    .sort((a, b) => b.size - a.size || a.each - b.each)
    .map(({ each }) => each);
}
