import type { Limits, Move, Step } from '../../model/index.js';
import type { View } from '../view.js';
import { isTransfer, sharesOf } from './waves.js';

/** Seconds from the start of the plan to the end of its last step, when every step takes its estimate and transfers wait for the limits. */
export function makespanOf(view: View, steps: readonly Step[], moves: readonly Move[], limits: Limits): number {
  const ends = new Map<string, number>();
  const transfers = new Map<string, number[]>();
  const byId = new Map(moves.map((move) => [move.id, move]));
  for (const step of steps) {
    let from = Math.max(0, ...step.dependsOn.map((id) => ends.get(id) ?? 0)) + step.delaySeconds;
    const move = byId.get(step.move);
    if (move !== undefined && isTransfer(step)) {
      const shares = sharesOf(view, move, limits);
      const blockers = () =>
        shares.flatMap(({ key, limit }) => {
          const later = (transfers.get(key) ?? []).filter((end) => end > from);
          return later.length < limit ? [] : [Math.min(...later)];
        });
      for (let next = blockers(); next.length > 0; next = blockers()) from = Math.max(...next);
      const end = from + step.estimate.seconds;
      for (const { key } of shares) transfers.set(key, [...(transfers.get(key) ?? []), end]);
    }
    ends.set(step.id, from + step.estimate.seconds);
  }
  return Math.max(0, ...ends.values());
}
