import { repair } from '../../../src/planner/engine/search/repair.js';
import type { BtrInstance } from '../formats/btrplace.js';
import type { Action } from './action.js';
import { boundOf } from './bound.js';
import type { Bound } from './bound.js';
import { order } from './order.js';
import { pack } from './pack.js';
import { taskOf } from './task.js';

export interface Solved {
  readonly actions: readonly Action[];
  readonly bound: Bound;
  readonly bypasses: number;
  /** Why the plan does not do all that it should; empty for most. */
  readonly failures: readonly string[];
  readonly evaluations: number;
}

/** Settles what is settled, looks for a placement with few moves, and puts the actions in time. */
export function solve(
  btr: BtrInstance,
  { seed, seconds, now }: { readonly seed: number; readonly seconds: number; readonly now: () => number },
): Solved {
  const task = taskOf(btr);
  const packed = pack(btr, task);
  const { assignment, evaluations } = repair(packed.instance, { seed, budget: { seconds }, now });
  const target = new Map<number, number>();
  const homeless: string[] = [];
  assignment.forEach((host, machine) => {
    const id = packed.machineOf[machine] ?? -1;
    if (host >= 0) target.set(id, packed.nodeOf[host] ?? -1);
    else homeless.push(`no place was found for machine ${id}`);
  });
  const { actions, bypasses, stuck } = order(btr, task, target);
  return {
    actions,
    bound: boundOf(task, packed),
    bypasses,
    failures: [...task.impossible, ...homeless, ...stuck],
    evaluations,
  };
}
