import type { LoadPolicy } from '../../../model/index.js';
import { weightsFor } from '../../objectives.js';
import type { Answer, Feasible } from '../../place/search.js';
import type { MachineView, View } from '../../view.js';
import type { Judgement } from '../judgement.js';
import { isCrossing, migrationMinutes } from '../judgement.js';

/** A host that would take a machine, and what the move there costs. */
export interface Offer {
  readonly target: Feasible;
  readonly minutes: number;
  readonly crossing: boolean;
  /** Weighted sum of the two. */
  readonly price: number;
}

/** The feasible answers, the cheapest first; of equal ones, in the order in which they came. A policy may keep machines in their group. */
export function offersOf(
  view: View,
  policy: LoadPolicy,
  machine: MachineView,
  all: readonly Answer[],
): readonly Offer[] {
  const weights = weightsFor(policy);
  const offers = all.flatMap((answer): readonly Offer[] => {
    if (answer.kind === 'refused') return [];
    const minutes = machine.running === null ? 0 : migrationMinutes(machine, answer);
    const crossing = isCrossing(view, machine, answer.host);
    if (crossing && policy.crossGroup === 'never') return [];
    const price = weights.migration * minutes + (crossing ? weights.groupCrossing : 0);
    return [{ target: answer, minutes, crossing, price }];
  });
  return offers.toSorted((a, b) => a.price - b.price);
}

/** What the plan tells of an offer that was taken: what it gains and costs. */
export function judged(offer: Offer, gains: Judgement['gains']): Judgement {
  const costs = [
    { objective: 'migration' as const, gain: -offer.minutes },
    { objective: 'groupCrossing' as const, gain: offer.crossing ? -1 : 0 },
  ];
  return { gains: [...gains, ...costs], runnerUp: null };
}
