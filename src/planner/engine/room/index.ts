import { Random } from '../random.js';
import type { State } from '../state.js';
import { eject } from './eject.js';
import { Journal } from './journal.js';
import { recreate } from './recreate.js';

export interface RoomOptions {
  readonly seed: number;
  /** About so many places are looked at. */
  readonly evaluations: number;
  /** Says no to places that turned out to be wrong for reasons that the instance does not know. */
  readonly allows?: (machine: number, place: number) => boolean;
}

const DEEPEST = 3;

/**
 * Finds a place for a machine that is nowhere, at the cost of machines that have to go elsewhere, as few as it finds; fixed machines
 * stay. First by chains of displacement, deeper and deeper, then by emptying and filling hosts. The result depends on the state, the
 * seed and the number of evaluations only. Answers whether the machine has a place now; when not, the state is as it was.
 */
export function makeRoom(
  state: State,
  machine: number,
  { seed, evaluations, allows = () => true }: RoomOptions,
): boolean {
  const journal = new Journal(state);
  const effort = { evaluations: evaluations / 2, allows };
  for (let depth = 0; depth <= DEEPEST && effort.evaluations > 0; depth++) {
    if (eject(journal, machine, depth, effort)) return true;
  }
  effort.evaluations = evaluations / 2;
  if (!recreate(journal, machine, new Random(seed), effort)) return false;
  goHome(state, machine, allows);
  return true;
}

/** Machines that went without need go back. */
function goHome(state: State, placed: number, allows: (machine: number, place: number) => boolean): void {
  const { origin } = state.instance;
  for (let machine = 0; machine < origin.length; machine++) {
    const home = origin[machine] ?? -1;
    if (machine === placed || home < 0 || state.place[machine] === home || !allows(machine, home)) continue;
    if (state.shiftDelta(machine, home) <= 0) state.shift(machine, home);
  }
}
