import type { Instance } from '../instance.js';
import type { Random } from '../random.js';
import type { State } from '../state.js';
import type { Effort } from './eject.js';
import { bestPlace } from './eject.js';
import type { Journal } from './journal.js';
import { placesByHost } from './neighbourhood.js';

/** Hosts that are emptied at once. */
const HOSTS = 3;

/**
 * Empties a few hosts, one of which may take the machine, and fills them again, large machines first and as tightly as they go (ruin and
 * recreate: Schrimpf et al. 2000, Journal of Computational Physics 159). Tries until it went or the effort is used up; answers whether it
 * went. When it did not, nothing has changed.
 */
export function recreate(journal: Journal, machine: number, random: Random, effort: Effort): boolean {
  const { state } = journal;
  const { instance } = state;
  const cells = placesByHost(instance);
  const able = placesFor(instance, machine, effort);
  if (able.length === 0) return false;
  while (effort.evaluations > 0) {
    const first = instance.hostOf[able[random.below(able.length)] ?? 0] ?? 0;
    const hosts = new Set([first]);
    for (let more = 1; more < HOSTS; more++) hosts.add(random.below(instance.hosts));
    const places = [...hosts].flatMap((host) => cells[host] ?? []);
    const mark = journal.mark;
    const out = places.flatMap((place) => (state.residents[place] ?? []).filter((each) => instance.fixed[each] !== 1));
    for (const each of out) journal.shift(each, -1);
    const waiting = [machine, ...out].map((each) => ({
      each,
      size: sizeOf(instance, each) * (0.8 + 0.4 * random.fraction()),
    }));
    const isPlaced = waiting
      .sort((a, b) => b.size - a.size)
      .every(({ each }) => {
        const target = tightest(state, each, places, effort);
        const place = target >= 0 ? target : bestPlace(state, each, effort, hosts);
        if (place >= 0) journal.shift(each, place);
        return place >= 0;
      });
    if (isPlaced) return true;
    journal.undo(mark);
  }
  return false;
}

function placesFor({ places, unary }: Instance, machine: number, effort: Effort): readonly number[] {
  return Array.from({ length: places }, (_, place) => place).filter(
    (place) =>
      effort.allows(machine, place) && unary?.cost[(unary.classOf[machine] ?? 0) * places + place] !== Infinity,
  );
}

/** The open place among these that is fullest with the machine, its origin before all; -1: none is open. */
function tightest(state: State, machine: number, places: readonly number[], effort: Effort): number {
  const { origin } = state.instance;
  let found = -1;
  let most = -Infinity;
  for (const place of places) {
    if (!effort.allows(machine, place) || state.shiftDelta(machine, place) === Infinity) continue;
    const full = place === origin[machine] ? Infinity : fullness(state, machine, place);
    if (full <= most) continue;
    most = full;
    found = place;
  }
  effort.evaluations -= places.length;
  return found;
}

function fullness(state: State, machine: number, place: number): number {
  const { resources, capacity, demand } = state.instance;
  let sum = 0;
  for (let r = 0; r < resources; r++) {
    const own = demand[machine * resources + r] ?? 0;
    const all = capacity[place * resources + r] ?? Infinity;
    if (own > 0 && all > 0 && all < Infinity) sum += (state.load.useOf(place, r) + own) / all;
  }
  return sum;
}

/** The greatest share of a resource's mean capacity that the machine takes. */
function sizeOf({ resources, demand, capacity, hosts }: Instance, machine: number): number {
  let most = 0;
  for (let r = 0; r < resources; r++) {
    const own = demand[machine * resources + r] ?? 0;
    if (own === 0) continue;
    for (let host = 0; host < hosts; host++) {
      const all = capacity[host * resources + r] ?? 0;
      if (all > 0 && all < Infinity) {
        most = Math.max(most, own / all);
        break;
      }
    }
  }
  return most;
}
