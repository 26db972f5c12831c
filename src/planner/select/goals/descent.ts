import type { Instance } from '../../engine/instance.js';
import { State } from '../../engine/state.js';

/** Hosts at either end of the load that are looked at first. */
const FIRST_LOOK = 8;
/** Moves that save this share of the best one's saving are as good: among more of them, the first by name stays the first more often. */
const AS_GOOD = 0.9;

export interface DescentOptions {
  /** A move that saves less is not made. */
  readonly minimumGain: number;
  readonly maxMoves: number;
  /** Changes that are looked at, at most. */
  readonly evaluations: number;
}

/**
 * Steepest descent by single moves off the fullest hosts to the emptiest ones, the move that saves most first. It draws nothing at random, and
 * moves that save about as much are taken in the order of the machines' names, so that a little more load leaves most of them as they were; only when no move at both ends saves enough, it looks further.
 */
export function descent(instance: Instance, { minimumGain, maxMoves, evaluations }: DescentOptions): Int32Array {
  const state = new State(instance);
  const placesOf = Array.from({ length: instance.hosts }, (): number[] => []);
  instance.hostOf.forEach((host, place) => placesOf[host]?.push(place));
  const level = Float64Array.from({ length: instance.hosts }, (_, host) => levelOf(state, host));
  const hosts = Array.from(level.keys()).filter((host) =>
    instance.objectives.deviation.some((term) => term.hosts[host] === 1),
  );
  let left = evaluations;
  while (state.moves < maxMoves) {
    const inOrder = hosts.toSorted((a, b) => (level[b] ?? 0) - (level[a] ?? 0) || a - b);
    const found: Change[] = [];
    let most = -minimumGain;
    for (let look = FIRST_LOOK; found.length === 0; look *= 2) {
      const targets = inOrder.slice(-look).flatMap((host) => placesOf[host] ?? []);
      for (const machine of inOrder.slice(0, look).flatMap((host) => residents(state, placesOf, host))) {
        if (left <= 0) return state.place;
        if (state.place[machine] !== instance.origin[machine]) continue;
        const leaving = state.leaveDelta(machine);
        for (const to of targets) {
          const least = Math.min(-minimumGain, AS_GOOD * most);
          const delta = state.enterDelta(machine, to, leaving, least);
          if (to === state.place[machine] || !(delta <= least)) continue;
          found.push({ machine, to, delta });
          most = Math.min(most, delta);
        }
        left -= targets.length;
      }
      if (look >= hosts.length) break;
    }
    const [best] = found.filter(({ delta }) => delta <= AS_GOOD * most).toSorted(byName);
    if (best === undefined) return state.place;
    const from = instance.hostOf[state.place[best.machine] ?? -1] ?? -1;
    state.shift(best.machine, best.to);
    for (const host of [from, instance.hostOf[best.to] ?? -1]) level[host] = levelOf(state, host);
  }
  return state.place;
}

interface Change {
  readonly machine: number;
  readonly to: number;
  /** Change of the cost. */
  readonly delta: number;
}

function byName(a: Change, b: Change): number {
  return a.machine - b.machine || a.to - b.to;
}

function residents(state: State, placesOf: readonly (readonly number[])[], host: number): readonly number[] {
  const all = (placesOf[host] ?? []).flatMap((place) => state.residents[place] ?? []);
  return all.filter((machine) => state.instance.fixed[machine] !== 1).toSorted((a, b) => a - b);
}

/** Sum of the host's scaled use over the resources whose deviation counts. */
function levelOf({ instance, load }: State, host: number): number {
  return instance.objectives.deviation.reduce(
    (sum, { resource, offset, scale }) => sum + ((offset[host] ?? 0) + load.useOf(host, resource)) * (scale[host] ?? 0),
    0,
  );
}
