import type { Instance } from '../instance.js';
import type { State } from '../state.js';
import { Spread } from './spread.js';

export interface Descent {
  readonly moves: number;
  readonly evaluations: number;
}

/**
 * Makes the single shift that saves most, again and again, until none is worth it by `worth` (cost now, gain) or `most` shifts are made:
 * the descent of Ganeti's hbal, with the same moves, but without evaluating every machine on every host for every step.
 *
 * What a shift saves is known to depend on its two hosts and, through the standard deviations, a little on all. After a step, shifts from
 * or to the two hosts of it are evaluated; for all others a bound tells how much more they can save now (`Spread.gainMore`). A machine
 * is evaluated in full only when its bound is the best of all.
 */
export function steepest(state: State, worth: (cost: number, gain: number) => boolean, most = Infinity): Descent {
  const { machines, places, fixed } = state.instance;
  const spread = new Spread(state);
  const local = isLocal(state.instance);
  /** machine: no shift of it saves more than this. */
  const bound = new Float64Array(machines).fill(-Infinity);
  const target = new Int32Array(machines).fill(-1);
  const exactAt = new Int32Array(machines).fill(-1);
  const free = Array.from({ length: machines }, (_, machine) => machine).filter(
    (machine) => fixed[machine] !== 1 && (state.place[machine] ?? -1) >= 0,
  );
  for (const machine of free) bound[machine] = Infinity;
  let [moves, evaluations] = [0, 0];
  const examine = (machine: number) => {
    const leaving = state.leaveDelta(machine);
    let best = Infinity;
    for (let place = 0; place < places; place++) {
      if (place === state.place[machine]) continue;
      const delta = state.enterDelta(machine, place, leaving, best);
      if (delta >= best) continue;
      best = delta;
      target[machine] = place;
    }
    evaluations += places;
    bound[machine] = -best;
    exactAt[machine] = moves;
  };
  while (moves < most) {
    let first = highest(free, bound);
    while (first >= 0 && exactAt[first] !== moves) {
      examine(first);
      first = highest(free, bound);
    }
    const gain = bound[first] ?? -Infinity;
    if (first < 0 || !(gain > 0) || !worth(state.cost, gain)) break;
    const [from, to] = [state.place[first] ?? -1, target[first] ?? -1];
    state.shift(first, to);
    moves++;
    spread.moved(first, from, to);
    for (const machine of free) {
      const place = state.place[machine] ?? -1;
      if (!local || place === from || place === to) {
        bound[machine] = Infinity;
        continue;
      }
      const leaving = state.leaveDelta(machine);
      const delta = Math.min(
        state.enterDelta(machine, from, leaving, Infinity),
        state.enterDelta(machine, to, leaving, Infinity),
      );
      evaluations += 2;
      bound[machine] = Math.max((bound[machine] ?? 0) + spread.gainMore(machine, place), -delta);
    }
  }
  return { moves, evaluations };
}

/** Whether a shift changes what others save on its own two hosts alone, deviations aside. */
function isLocal({ places, hosts, rules, domains, objectives }: Instance): boolean {
  const { movedTogether, company } = objectives;
  const byHost = ({ domain }: { readonly domain: number }) =>
    domains[domain]?.of.every((unit, place) => unit === place || unit < 0);
  const rulesByHost = rules.every((rule) => rule.kind === 'apart' && byHost(rule));
  return places === hosts && rulesByHost && movedTogether === null && company.every(byHost);
}

/** The machine with the highest bound, -1 if there is none. */
function highest(free: readonly number[], bound: Float64Array): number {
  let best = -Infinity;
  let first = -1;
  for (const machine of free) {
    const value = bound[machine] ?? -Infinity;
    if (value <= best) continue;
    best = value;
    first = machine;
  }
  return first;
}
