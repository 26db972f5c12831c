import { Random } from '../../../src/planner/engine/random.js';
import { repair } from '../../../src/planner/engine/search/repair.js';
import type { BtrInstance } from '../formats/btrplace.js';
import type { Action } from './action.js';
import { boundOf } from './bound.js';
import type { Bound } from './bound.js';
import { order } from './order.js';
import { pack } from './pack.js';
import type { Barred } from './pack.js';
import { taskOf } from './task.js';

export interface Solved {
  readonly actions: readonly Action[];
  readonly bound: Bound;
  readonly bypasses: number;
  /** Why the plan does not do all that it should; empty for most. */
  readonly failures: readonly string[];
  readonly evaluations: number;
}

/** Placements that are looked for while the one before has no plan; of them such that leave a machine nowhere, also where nodes are chosen. */
const ATTEMPTS = 40;
const HOMELESS = 3;
const HOMELESS_BY_CHOICE = 10;

/**
 * Settles what is settled, looks for a placement with few moves, and puts the actions in time. Where a placement leaves a machine nowhere or
 * cannot be reached, others are looked for while there is time: with other nodes on, and without what found no moment.
 */
export function solve(
  btr: BtrInstance,
  { seed, seconds, now }: { readonly seed: number; readonly seconds: number; readonly now: () => number },
): Solved {
  const begin = now();
  const random = new Random(seed);
  const choosesNodes = btr.constraints.some(({ kind }) => kind === 'maxOnline');
  let barred: Map<number, Set<number>> = new Map();
  let homelessAttempts = 0;
  let best: (Solved & { readonly open: number }) | null = null;
  let evaluations = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const left = seconds - (now() - begin) / 1000;
    if (best !== null && left <= 0) break;
    const choice = attempt === 0 || !choosesNodes ? null : { random, freedom: attempt };
    const tried = attemptOnce(btr, barred, choice, { seed: seed + attempt, budget: { seconds: left }, now });
    evaluations += tried.evaluations;
    if (best === null || tried.open < best.open) best = tried;
    if (tried.open === 0) break;
    if (tried.homeless > 0) {
      if (++homelessAttempts >= (choosesNodes ? HOMELESS_BY_CHOICE : HOMELESS)) break;
      // What was barred may have been too much.
      barred = new Map();
    } else {
      const arrival = tried.unmoved[random.below(tried.unmoved.length)];
      if (arrival === undefined && !choosesNodes) break;
      if (arrival !== undefined)
        barred.set(arrival.machine, (barred.get(arrival.machine) ?? new Set()).add(arrival.to));
    }
  }
  if (best === null) throw new RangeError('a plan takes one attempt at least');
  const { actions, bound, bypasses, failures } = best;
  return { actions, bound, bypasses, failures, evaluations };
}

function attemptOnce(
  btr: BtrInstance,
  barred: Barred,
  choice: Parameters<typeof taskOf>[1],
  options: Parameters<typeof repair>[1],
) {
  const task = taskOf(btr, choice);
  const packed = pack(btr, task, barred);
  const { assignment, evaluations } = repair(packed.instance, options);
  const target = new Map<number, number>();
  const homeless: string[] = [];
  assignment.forEach((host, machine) => {
    const id = packed.machineOf[machine] ?? -1;
    if (host >= 0) target.set(id, packed.nodeOf[host] ?? -1);
    else homeless.push(`no place was found for machine ${id}`);
  });
  const { actions, bypasses, stuck, unmoved } = order(btr, task, target);
  return {
    actions,
    bound: boundOf(task, packed),
    bypasses,
    failures: [...task.impossible, ...homeless, ...stuck],
    evaluations,
    unmoved,
    homeless: homeless.length,
    /** What another placement might do. */
    open: homeless.length + stuck.length,
  };
}
