import type { LoadPolicy } from '../../../model/index.js';
import type { Draft } from '../draft.js';
import { adopt, branchOf } from '../draft.js';
import { fieldOf } from './field.js';
import { deviationAfter, imbalanceOf } from './imbalance.js';
import type { Proposal } from './propose.js';
import { propose } from './propose.js';
import { ask, lift, put } from './reroute.js';

/** Once balanced, hosts are brought this much closer than the tolerance asks for, so that a little more load does not set it off again. */
const MARGIN = 0.8;

/** Times that one search moves the same machine: what hosts refuse can make the search go in a circle, which has to end. */
const MOST_TURNS = 3;

/**
 * Moves machines while the load of the hosts differs by more than the tolerance. The search plans again from its own result until it
 * finds nothing more, so that the plan's result asks for no plan. Tells whether anything was done.
 */
export function balance(draft: Draft, policy: LoadPolicy, held: ReadonlySet<string>): boolean {
  const refused = new Set<string>();
  const turns = new Map<string, number>();
  for (let changed = false; ;) {
    const field = fieldOf(draft, policy, held);
    const cause = imbalanceOf(draft, policy, field.hosts);
    if (cause === null) return changed;
    const isBalanced = () =>
      policy.thresholds.every(
        ({ metric }) => deviationAfter(draft.final, field.hosts, metric) <= MARGIN * policy.tolerance,
      );
    let made = 0;
    let waiting = propose(draft, field, refused);
    for (let before = -1; waiting.length > 0 && waiting.length !== before;) {
      before = waiting.length;
      waiting = waiting.filter((proposal) => {
        if (isBalanced() || !makes(draft, proposal, cause)) return true;
        made++;
        turns.set(proposal.standing.machine.name, (turns.get(proposal.standing.machine.name) ?? 0) + 1);
        return false;
      });
    }
    changed ||= made > 0;
    if (made > 0) {
      refused.clear();
      for (const [name, count] of turns) if (count >= MOST_TURNS) refused.add(name);
    } else if (waiting.length === 0) return changed;
    else for (const { standing } of waiting) refused.add(standing.machine.name);
  }
}

/** Asks the host exactly, and moves the machine when it can be taken. */
function makes(draft: Draft, { standing, host, judgement }: Proposal, cause: Parameters<typeof put>[4]): boolean {
  const branch = branchOf(draft);
  lift(branch, standing);
  const all = ask(branch, standing, [host]);
  const [answer] = all;
  if (answer?.kind !== 'feasible') return false;
  put(branch, standing, answer, all, cause, judgement);
  adopt(draft, branch);
  return true;
}
