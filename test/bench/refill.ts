import { steepest } from '../../src/planner/engine/search/steepest.js';
import { State } from '../../src/planner/engine/state.js';
import { afterMoves } from './formats/hbal.js';
import type { Packed } from './formats/hbal.js';
import type { Sequence } from './sequence.js';
import { sequence } from './sequence.js';

/** Times that what a refill gave up itself is refilled. */
const ROUNDS = 4;

/**
 * Spends the moves that a sequence had to give up on others: of the machines that have not moved the one that saves most, again and
 * again, each where it finds room when all moves before it are made. Without moves that were given up, the sequence as it is.
 */
export function refill(instance: Packed, sequenced: Sequence, maxMoves: number): Sequence {
  if (sequenced.kept.length === 0) return sequenced;
  let { order, assignment } = sequenced;
  for (let round = 0; round < ROUNDS && order.length < maxMoves; round++) {
    const rest = afterMoves(instance, new Set(order), assignment);
    const state = new State(rest);
    const enough = Math.max(0, state.cost) * 1e-9;
    steepest(state, (_, gain) => gain > enough, maxMoves - order.length);
    const more = sequence(rest, state.place);
    if (more.order.length === 0) break;
    order = [...order, ...more.order];
    assignment = more.assignment;
  }
  return { order, kept: sequenced.kept.filter((machine) => !order.includes(machine)), assignment };
}
