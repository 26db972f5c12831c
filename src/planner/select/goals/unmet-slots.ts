import type { Drift, LoadPolicy } from '../../../model/index.js';
import type { Refused } from '../../place/search.js';
import { refusedAmong } from '../../place/search.js';
import type { MachineView } from '../../view.js';
import type { Draft } from '../draft.js';
import { branchOf } from '../draft.js';
import type { Field } from './field.js';
import { fieldOf } from './field.js';
import { occupantsOf } from './occupants.js';
import { ask } from './reroute.js';
import { slotMachines } from './slot.js';

/** Hosts whose answers a finding tells. */
const MOST_TOLD = 10;

/** Why a policy keeps fewer slots free than it asks for: one finding, with what binds on each host; none when all have room. */
export function unmetSlots(draft: Draft, policy: LoadPolicy, held: ReadonlySet<string>): readonly Drift[] {
  const branch = branchOf(draft);
  const field = fieldOf(branch, policy, held);
  const slots = slotMachines(draft.view, policy);
  for (const [index, slot] of slots.entries()) {
    const [best, ...rest] = ask(branch, { machine: slot, host: '' }, field.hosts);
    if (best?.kind === 'feasible') {
      branch.final.put(slot, best.placement);
      branch.present.put(slot, best.placement);
      continue;
    }
    const subject = `LoadPolicy/${policy.name}`;
    if (best === undefined) {
      const message =
        'no host of the policy is up, open for machines, and has a known load, so that no slot is kept free';
      return [{ subject, code: 'SlotUnmet', message }];
    }
    const never = evenEmpty(draft, field, slot);
    if (never !== null) {
      const message = `no open host of the policy could take a slot, even with nothing else on it: ${said(never)}`;
      return [{ subject, code: 'SlotImpossible', message }];
    }
    const which = `${index} of ${slots.length} slots ${index === 1 ? 'has' : 'have'} room`;
    const message = `${which}, and no moves that are worth it make more: ${said(refusedAmong([best, ...rest]))}`;
    return [{ subject, code: 'SlotUnmet', message }];
  }
  return [];
}

/** What hosts say to a slot when they are empty; null when one of them would take it. */
function evenEmpty(draft: Draft, { hosts }: Field, slot: MachineView): readonly Refused[] | null {
  const occupants = occupantsOf(draft);
  const branch = branchOf(draft);
  for (const { name } of hosts) {
    for (const machine of occupants.get(name) ?? []) {
      branch.final.lift(machine, name);
      branch.present.lift(machine, name);
    }
  }
  const all = ask(branch, { machine: slot, host: '' }, hosts);
  const refused = refusedAmong(all);
  return refused.length === all.length ? refused : null;
}

function said(refused: readonly Refused[]): string {
  const hosts = refused
    .slice(0, MOST_TOLD)
    .map(({ host, constraint, message }) => `${host} (${constraint}: ${message})`);
  const more = refused.length - hosts.length;
  return [...hosts, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
