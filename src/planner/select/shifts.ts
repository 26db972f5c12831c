import type { LoadPolicy } from '../../model/index.js';
import { demandOf } from '../placement.js';
import type { Answer, Feasible } from '../place/search.js';
import { answers, bestAnswers, sourceOf } from '../place/search.js';
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

/** What hosts said to a machine that was shifted: the place that it got, and what else there would have been. */
export interface Shifted extends Shift {
  readonly target: Feasible;
  readonly all: readonly Answer[];
}

/**
 * The draft with machines shifted, all of them together: first all leave, then they come, the largest first, and each host is asked exactly.
 * Null when a host says no, or a machine would go back to where it runs.
 */
export function shiftAll(draft: Draft, shifts: readonly Shift[], wish: (shifted: Shifted) => Wish): Draft | null {
  const branch = branchOf(draft);
  const { view } = branch;
  for (const { machine } of shifts) {
    for (const host of branch.final.hostsOf(machine.name)) {
      branch.final.lift(machine.name, host);
      if (host !== machine.running?.host) branch.present.lift(machine.name, host);
    }
  }
  const size = ({ machine }: Shift) => demandOf(machine).memoryMiB;
  for (const shift of shifts.toSorted((a, b) => size(b) - size(a))) {
    const { machine, to, relief } = shift;
    const source = sourceOf(view, machine);
    const question = { view, occupancy: branch.final, present: branch.present, machine, source, relief };
    const here = machine.running?.host;
    const [target] = to.name === here ? [] : answers(question, [to]);
    if (target?.kind !== 'feasible') return null;
    const others = [...view.hosts.values()].filter((host) => host !== to && host.name !== here);
    addWish(branch, wish({ ...shift, target, all: [target, ...bestAnswers(question, others)] }));
  }
  return branch;
}
