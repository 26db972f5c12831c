import type { LoadPolicy } from '../../model/index.js';
import type { Constraint } from '../constraints/index.js';
import { CONSTRAINTS } from '../constraints/index.js';
import { demandOf } from '../placement.js';
import type { Feasible } from '../place/search.js';
import { answers, sourceOf } from '../place/search.js';
import type { HostView, MachineView } from '../view.js';
import type { Draft } from './draft.js';
import { addWish, branchOf } from './draft.js';
import type { Wish } from './wish.js';

/** A machine that would go to another host, as the engine has it: the exact question has not been asked yet. */
export interface Shift {
  readonly machine: MachineView;
  readonly to: HostView;
  /** The policy under which the host is asked. */
  readonly relief: LoadPolicy | null;
}

/** A shift with the place that the machine gets. */
export interface Shifted extends Shift {
  readonly target: Feasible;
}

/** Constraints of machines on their own: rules about company are asked when all have come. */
const ALONE = CONSTRAINTS.filter(({ declares }) => declares.kind !== 'company');

/**
 * The draft with machines shifted, all of them together: first all leave, then they come, the largest first, and each host is asked exactly;
 * rules about company once all are there. Null when a host says no, or a machine would go back to where it runs.
 */
export function shiftAll(draft: Draft, shifts: readonly Shift[], wish: (shifted: Shifted) => Wish): Draft | null {
  const branch = branchOf(draft);
  for (const { machine } of shifts) liftAll(branch, machine);
  const size = ({ machine }: Shift) => demandOf(machine).memoryMiB;
  const inOrder = shifts.toSorted((a, b) => size(b) - size(a));
  for (const shift of inOrder) {
    const shifted = ask(branch, shift, ALONE);
    if (shifted === null) return null;
    addWish(branch, wish(shifted));
  }
  for (const shift of inOrder.filter(({ machine }) => machine.rules.length > 0)) {
    liftAll(branch, shift.machine);
    const shifted = ask(branch, shift, CONSTRAINTS);
    if (shifted === null) return null;
    addWish(branch, wish(shifted));
  }
  return branch;
}

function liftAll({ final, present }: Draft, machine: MachineView): void {
  for (const host of final.hostsOf(machine.name)) {
    final.lift(machine.name, host);
    if (host !== machine.running?.host) present.lift(machine.name, host);
  }
}

/** What the host says to a machine that was lifted. */
function ask(draft: Draft, shift: Shift, constraints: readonly Constraint[]): Shifted | null {
  const { view, final: occupancy, present } = draft;
  const { machine, to, relief } = shift;
  const question = { view, occupancy, present, machine, source: sourceOf(view, machine), relief, constraints };
  const here = machine.running?.host;
  const [target] = to.name === here ? [] : answers(question, [to]);
  if (target?.kind !== 'feasible') return null;
  return { ...shift, target };
}
