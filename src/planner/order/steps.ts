import type { Move, Step } from '../../model/index.js';
import type { View } from '../view.js';
import { complete } from './complete.js';
import type { Hop, OrderedHop } from './hop.js';
import { legsOf } from './leg.js';
import { prepare } from './prepare.js';
import { StepBuilder } from './step-builder.js';
import { switchOver } from './switch-over.js';

/** The steps of all hops in order; the first steps of a hop wait for the last steps of those that it has to come after. */
export function stepsOf(view: View, hops: readonly OrderedHop[], moves: ReadonlyMap<Hop, Move>): readonly Step[] {
  const firsts = new Map<Hop, readonly string[]>();
  const lasts = new Map<Hop, readonly string[]>();
  return hops.flatMap(({ hop, after, afterBegin }) => {
    const move = moves.get(hop);
    if (move === undefined) return [];
    const own = stepsOfMove(view, hop, move);
    firsts.set(
      hop,
      own.filter((step) => step.dependsOn.length === 0).map((step) => step.id),
    );
    lasts.set(hop, lastOf(own));
    const waitsFor = [
      ...after.flatMap((earlier) => lasts.get(earlier) ?? []),
      ...afterBegin.flatMap((earlier) => firsts.get(earlier) ?? []),
    ];
    return own.map((step) => (step.dependsOn.length === 0 ? { ...step, dependsOn: waitsFor } : step));
  });
}

function stepsOfMove(view: View, hop: Hop, move: Move): readonly Step[] {
  const { machine } = hop.wish;
  const builder = new StepBuilder(machine, move);
  const legs = legsOf(view, hop, move);
  const prepared = prepare(builder, legs, machine, move);
  const works = switchOver({ builder, hop, move, legs }, prepared);
  complete(builder, legs, machine, move, works);
  return builder.steps;
}

/** Steps that no other step of the move waits for. */
function lastOf(steps: readonly Step[]): readonly string[] {
  const awaited = new Set(steps.flatMap((step) => step.dependsOn));
  return steps.filter((step) => !awaited.has(step.id)).map((step) => step.id);
}
