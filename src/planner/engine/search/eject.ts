import type { State } from '../state.js';
import type { Best } from './best.js';
import type { Budget } from './budget.js';
import type { Inserter } from './insert.js';

/** Ejections for each machine that is nowhere, and at least, when nothing else bounds them. */
const EJECTIONS = 60;
const EJECTIONS_AT_LEAST = 2000;

/** Makes room for machines that find none: each puts others out of a place, which look for places in turn. */
export function eject(
  state: State,
  inserter: Inserter,
  budget: Budget,
  best: Best,
  left: readonly number[],
  most = Math.max(EJECTIONS_AT_LEAST, EJECTIONS * left.length),
): void {
  const queue = [...left];
  for (let step = 0; step < most && queue.length > 0 && !budget.spent; step++) {
    const machine = queue.shift() ?? 0;
    // A group may have brought it along meanwhile.
    if (state.place[machine] !== -1) continue;
    const thrown = inserter.force(machine);
    if (thrown === null) queue.push(machine);
    else queue.push(...inserter.insertAll(thrown));
    best.offer(state);
  }
}
