import type { State } from '../state.js';

/** A difference within rounding. */
const NOTHING = 1e-9;
/** So many pairs of machine and place are tried at most for moves that are left. */
const MOST_PAIRS = 2e5;

/**
 * Takes back moves that gain nothing, alone or two at once, and uses moves that are left where a single shift still gains. Ends at an
 * assignment that is no dearer, with no more moves than are allowed.
 */
export function polish(state: State, allowed: number): void {
  const { machines, places, origin } = state.instance;
  for (let machine = 0; machine < machines; machine++) takeBack(state, machine, origin);
  if (machines * places > MOST_PAIRS) return;
  for (let machine = 0; machine < machines; machine++) {
    const home = origin[machine] ?? -1;
    const here = state.place[machine] ?? -1;
    if (here < 0 || (here === home && state.moves >= allowed)) continue;
    const leaving = state.leaveDelta(machine);
    let best = -NOTHING;
    let target = -1;
    for (let place = 0; place < places; place++) {
      if (place === here) continue;
      const delta = state.enterDelta(machine, place, leaving, best);
      if (delta >= best) continue;
      best = delta;
      target = place;
    }
    if (target >= 0) state.shift(machine, target);
  }
}

function takeBack(state: State, machine: number, origin: Int32Array): void {
  const home = origin[machine] ?? -1;
  const here = state.place[machine] ?? -1;
  if (home < 0 || here < 0 || here === home) return;
  if (state.shiftDelta(machine, home, NOTHING) <= NOTHING) {
    state.shift(machine, home);
    return;
  }
  for (const other of state.residents[home] ?? []) {
    // The other one is away as well, or it would be one that leaves in the machine's stead.
    if (origin[other] === home || (origin[other] ?? -1) < 0) continue;
    if (!(state.swapDelta(machine, other, NOTHING) <= NOTHING)) continue;
    state.swap(machine, other);
    return;
  }
}
