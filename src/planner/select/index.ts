import type { Drift, Refusal } from '../../model/index.js';
import type { View } from '../view.js';
import { selectDeployments } from './deploy.js';
import type { Draft } from './draft.js';
import { draftOf } from './draft.js';
import { selectGoals } from './goals/index.js';
import { unmetGoals } from './goals/unmet.js';
import { selectRelief } from './relief.js';
import { selectRequired } from './required.js';
import { selectRoom } from './room.js';
import { placeTogether } from './together.js';
import type { Refusals, Wish } from './wish.js';

export interface Selection {
  readonly wishes: readonly Wish[];
  readonly refusals: readonly Refusal[];
  /** Goals of load policies that stay unmet without a machine that could be named. */
  readonly unmet: readonly Drift[];
}

/** Rounds after which goals of load policies that never come to an end are left as they are. */
const MOST_ROUNDS = 10;

/**
 * Everything that shall change, in order of urgency: rules first, then machines that run nowhere, then load that is too high, then the
 * other goals of load policies. A wish can make room for one that had none, so that it is gone through until nothing new comes: the plan's
 * result needs no plan of its own.
 */
export function select(view: View, staying: Refusals, parted: ReadonlySet<string>): Selection {
  const draft = draftOf(view, staying, parted);
  for (let round = 1; ; round++) {
    const { required, deployments, relief, held } = settle(draft);
    if (round <= MOST_ROUNDS && selectGoals(draft, held, deployments)) continue;
    const refusals = [...staying.values(), ...required, ...deployments, ...relief];
    const unmet = unmetGoals(draft, held, new Set(refusals.map(({ machine }) => machine)));
    return {
      wishes: [...draft.wishes.values()],
      refusals: [...refusals, ...unmet.refusals],
      unmet: unmet.drift,
    };
  }
}

function settle(draft: Draft) {
  for (;;) {
    const before = draft.wishes.size;
    const required = selectRequired(draft);
    const deployments = selectDeployments(draft);
    placeTogether(draft);
    const held = new Set(required.map((refusal) => refusal.machine));
    const relief = selectRelief(draft, held);
    if (draft.wishes.size > before || selectRoom(draft, required, deployments)) continue;
    return { required, deployments, relief, held };
  }
}
