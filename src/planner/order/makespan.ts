import type { Limits, Move, Step } from '../../model/index.js';
import type { View } from '../view.js';
import { isSwitch, sharesOf, switchOf } from './waves.js';

/** Seconds from the start of the plan to the end of its last step, when every step takes its estimate and switches wait for the limits. */
export function makespanOf(view: View, steps: readonly Step[], moves: readonly Move[], limits: Limits): number {
  const ends = new Map<string, number>();
  const begins = new Map<Move, number>();
  const switching = new Map<string, number[]>();
  const byId = new Map(moves.map((move) => [move.id, move]));
  for (const step of steps) {
    const move = byId.get(step.move);
    const after = (ids: readonly string[]) => Math.max(0, ...ids.map((id) => ends.get(id) ?? 0));
    if (move !== undefined && isSwitch(step) && !begins.has(move)) {
      const { awaited, length } = switchOf(steps, move, (own) => own.delaySeconds + own.estimate.seconds);
      const shares = sharesOf(view, move, limits);
      let from = after(awaited);
      const openAt = () => Math.max(...shares.map(({ key, limit }) => roomFrom(switching.get(key) ?? [], limit, from)));
      for (let next = openAt(); next > from; next = openAt()) from = next;
      for (const { key } of shares) switching.set(key, withEnd(switching.get(key) ?? [], from + length));
      begins.set(move, from);
    }
    const begin = move !== undefined && isSwitch(step) ? (begins.get(move) ?? 0) : 0;
    ends.set(step.id, Math.max(after(step.dependsOn), begin) + step.delaySeconds + step.estimate.seconds);
  }
  return Math.max(0, ...ends.values());
}

/** The first time from `from` on after which fewer than `limit` of the sorted ends lie. */
function roomFrom(ends: readonly number[], limit: number, from: number): number {
  return Math.max(from, ends[ends.length - limit] ?? from);
}

/** Puts an end in its place; the list is changed. */
function withEnd(ends: number[], end: number): number[] {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) <= end) low = middle + 1;
    else high = middle;
  }
  ends.splice(low, 0, end);
  return ends;
}
