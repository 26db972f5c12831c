import type { Limits, Move, Step } from '../../model/index.js';
import type { View } from '../view.js';
import { isOver, isSwitch, sharesOf, switchOf } from './waves.js';
import type { Share } from './waves.js';

/** When a move gives back what it took of something shared. */
interface End {
  readonly at: number;
  readonly amount: number;
}

/** Seconds from the start of the plan to the end of its last step, when every step takes its estimate and switches wait for the limits. */
export function makespanOf(view: View, steps: readonly Step[], moves: readonly Move[], limits: Limits): number {
  const ends = new Map<string, number>();
  const begins = new Map<Move, number>();
  const switching = new Map<string, End[]>();
  const byId = new Map(moves.map((move) => [move.id, move]));
  for (const step of steps) {
    const move = byId.get(step.move);
    const after = (ids: readonly string[]) => Math.max(0, ...ids.map((id) => ends.get(id) ?? 0));
    if (move !== undefined && isSwitch(step) && !begins.has(move)) {
      const { awaited, length } = switchOf(steps, move, (own) => own.delaySeconds + own.estimate.seconds);
      const shares = sharesOf(view, move, limits);
      let from = after(awaited);
      const openAt = () => Math.max(...shares.map((share) => roomFrom(switching.get(share.key) ?? [], share, from)));
      for (let next = openAt(); next > from; next = openAt()) from = next;
      for (const { key, amount } of shares) {
        switching.set(key, withEnd(switching.get(key) ?? [], { at: from + length, amount }));
      }
      begins.set(move, from);
    }
    const begin = move !== undefined && isSwitch(step) ? (begins.get(move) ?? 0) : 0;
    ends.set(step.id, Math.max(after(step.dependsOn), begin) + step.delaySeconds + step.estimate.seconds);
  }
  return Math.max(0, ...ends.values());
}

/** The first time from `from` on at which the limit leaves room beside all that end later; the ends are sorted. */
function roomFrom(ends: readonly End[], { limit, amount }: Share, from: number): number {
  let taken = amount;
  for (let i = ends.length - 1; i >= 0; i--) {
    const end = ends[i];
    if (end === undefined || end.at <= from) break;
    taken += end.amount;
    if (isOver(taken, limit)) return end.at;
  }
  return from;
}

/** Puts an end in its place; the list is changed. */
function withEnd(ends: End[], end: End): End[] {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle]?.at ?? 0) <= end.at) low = middle + 1;
    else high = middle;
  }
  ends.splice(low, 0, end);
  return ends;
}
