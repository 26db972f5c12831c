import type { Refusal } from '../../model/index.js';
import type { View } from '../view.js';
import { selectDeployments } from './deploy.js';
import { selectRelief } from './relief.js';
import { selectRequired } from './required.js';
import type { Refusals, Wish } from './wish.js';

export interface Selection {
  readonly wishes: readonly Wish[];
  readonly refusals: readonly Refusal[];
}

/** Everything that shall change, in order of urgency: rules first, then machines that run nowhere, then load. */
export function select(view: View, staying: Refusals): Selection {
  const required = selectRequired(view, staying);
  const { final, present } = required;
  const deployments = selectDeployments(view, final, present, staying);
  const taken = new Set([
    ...required.wishes.map((wish) => wish.machine.name),
    ...required.refusals.map((refusal) => refusal.machine),
  ]);
  const relief = selectRelief(view, final, present, staying, taken);
  return {
    wishes: [...required.wishes, ...deployments.wishes, ...relief.wishes],
    refusals: [...staying.values(), ...required.refusals, ...deployments.refusals, ...relief.refusals],
  };
}
