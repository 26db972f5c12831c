import type { Cause, LoadPolicy } from '../../../model/index.js';
import { State } from '../../engine/state.js';
import { weightsFor } from '../../objectives.js';
import { packOf } from '../../pack/packing.js';
import type { Feasible } from '../../place/search.js';
import type { HostView, MachineView, View } from '../../view.js';
import type { Chain } from '../chain.js';
import { chainFor } from '../chain.js';
import type { Draft } from '../draft.js';
import { adopt } from '../draft.js';
import { sentOn } from '../wish.js';
import { minutesOf } from './cost.js';
import type { Field } from './field.js';
import { leastGain } from './gain.js';
import { spareMoves } from './occupants.js';
import type { Offer } from './price.js';
import { judged, offersOf } from './price.js';

/**
 * Room for a guest on one of the hosts by chains of machines that go for each other, found by the engine within the policy's budget. The
 * draft is changed when there is a way that is worth it; the guest itself is not put. Null when there is none.
 */
export function chainTo(
  draft: Draft,
  { policy, machines, hosts: all }: Field,
  guest: MachineView,
  hosts: readonly HostView[],
  cause: Cause,
): Feasible | null {
  const names = new Set(all.map(({ name }) => name));
  const open = new Set(hosts.map(({ name }) => name));
  // A slot is no machine that is written: it takes part in this search alone.
  const view: View = { ...draft.view, machines: new Map([...draft.view.machines, [guest.name, guest]]) };
  const packing = packOf(view, draft.final, {
    movable: ({ name }) => name === guest.name || machines.has(name),
    relief: null,
    objectives: (packed) => ({ moved: Float64Array.from(packed.machines, (machine) => 1 + minutesOf(view, machine)) }),
  });
  const chain = chainFor({ draft, packing, state: new State(packing.instance) }, guest, {
    evaluations: policy.search.evaluations,
    allows: ({ name }, host) => (name === guest.name ? open : names).has(host),
    cause: () => cause,
    accepts: (found) => isWorthIt(draft, policy, found),
  });
  if (chain === null) return null;
  for (const [machine, offer] of offersIn(draft, policy, chain)) {
    const wish = chain.branch.wishes.get(machine.name);
    if (wish === undefined || offer === null) continue;
    const gain = 1 / chain.movers.length;
    const { together = '' } = wish.judgement;
    const judgement = { ...judged(offer, [{ objective: 'fragmentation', gain }]), together };
    chain.branch.wishes.set(machine.name, { ...wish, ...sentOn(draft.wishes.get(machine.name), cause, judgement) });
  }
  adopt(draft, chain.branch);
  for (const occupancy of [draft.final, draft.present]) occupancy.lift(guest.name, chain.target.host);
  return chain.target;
}

/** Room is worth more than the moves cost, and they are no more than the policy allows. */
function isWorthIt(draft: Draft, policy: LoadPolicy, chain: Chain): boolean {
  const fresh = chain.movers.filter(({ machine }) => !draft.wishes.has(machine.name));
  if (fresh.length > spareMoves(draft, policy)) return false;
  const price = offersIn(draft, policy, chain).reduce((sum, [, offer]) => sum + (offer?.price ?? Infinity), 0);
  return weightsFor(policy).fragmentation - price >= leastGain(policy);
}

/** What each move of the chain costs; null where the policy does not want it. */
function offersIn(
  { view }: Draft,
  policy: LoadPolicy,
  { movers }: Chain,
): readonly (readonly [MachineView, Offer | null])[] {
  return movers.map(({ machine, target }) => [machine, offersOf(view, policy, machine, [target])[0] ?? null]);
}
