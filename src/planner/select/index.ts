import type { Refusal } from '../../model/index.js';
import type { View } from '../view.js';
import { selectDeployments } from './deploy.js';
import { draftOf } from './draft.js';
import { selectRelief } from './relief.js';
import { selectRequired } from './required.js';
import type { Refusals, Wish } from './wish.js';

export interface Selection {
  readonly wishes: readonly Wish[];
  readonly refusals: readonly Refusal[];
}

/**
 * Everything that shall change, in order of urgency: rules first, then machines that run nowhere, then load. A wish can make room
 * for one that had none, so that it is gone through until nothing new comes: the plan's result needs no plan of its own.
 */
export function select(view: View, staying: Refusals): Selection {
  const draft = draftOf(view, staying);
  for (;;) {
    const before = draft.wishes.size;
    const required = selectRequired(draft);
    const deployments = selectDeployments(draft);
    const relief = selectRelief(draft, new Set(required.map((refusal) => refusal.machine)));
    if (draft.wishes.size > before) continue;
    return {
      wishes: [...draft.wishes.values()],
      refusals: [...staying.values(), ...required, ...deployments, ...relief],
    };
  }
}
