import type { Refusal } from '../../../model/index.js';
import type { Draft } from '../draft.js';
import { balance } from './balance.js';
import { consolidate } from './consolidate.js';
import { defragment } from './defragment.js';

/**
 * Moves for the goals of load policies beyond relief, planned on top of all that the draft has already, so that the plan's result asks
 * for no more of them. Tells whether the draft changed.
 */
export function selectGoals(draft: Draft, held: ReadonlySet<string>, pending: readonly Refusal[]): boolean {
  let changed = false;
  for (const policy of draft.view.desired.loadPolicies) {
    if (policy.suspended) continue;
    switch (policy.goal) {
      case 'relieve':
        break;
      case 'balance':
        changed = balance(draft, policy, held) || changed;
        break;
      case 'consolidate':
        changed = consolidate(draft, policy, held) || changed;
        break;
      case 'defragment':
        changed = defragment(draft, policy, held, pending) || changed;
        break;
    }
  }
  return changed;
}
