import type { Cause, LoadPolicy, Refusal } from '../../../model/index.js';
import type { Feasible } from '../../place/search.js';
import { best } from '../../place/search.js';
import type { MachineView } from '../../view.js';
import { hostsFor } from '../deploy.js';
import type { Draft } from '../draft.js';
import { addWish, adopt, branchOf } from '../draft.js';
import { judgementOf } from '../judgement.js';
import type { Field } from './field.js';
import { fieldOf } from './field.js';
import { ask, lift } from './reroute.js';
import { makeRoom } from './room.js';
import { slotMachines } from './slot.js';

/**
 * Moves machines together where what is left over is of no use in pieces: for machines that run nowhere because no host can take them, and
 * for the slots that the policy keeps free. Tells whether anything was done.
 */
export function defragment(
  draft: Draft,
  policy: LoadPolicy,
  held: ReadonlySet<string>,
  pending: readonly Refusal[],
): boolean {
  const started = pending.map((refusal) => startPending(draft, policy, held, refusal));
  const freed = freeSlots(draft, policy, held);
  return freed || started.includes(true);
}

function startPending(draft: Draft, policy: LoadPolicy, held: ReadonlySet<string>, { machine: name, reason }: Refusal) {
  const machine = draft.view.machines.get(name);
  if (reason !== 'NoFeasibleHost' || machine === undefined || draft.wishes.has(name)) return false;
  const field = fieldOf(draft, policy, held);
  const hosts = hostsFor(draft.view, machine).filter((host) => field.hosts.includes(host));
  const branch = branchOf(draft);
  const target = makeRoom(branch, field, machine, hosts, causeOf(policy, name));
  if (target === null) return false;
  const judgement = judgementOf(draft.view, machine, target, []);
  addWish(branch, {
    ...{
      machine,
      source: null,
      target,
      cause: { kind: 'deploy', machine: name },
      gain: 0,
      advice: 'Proceed',
      judgement,
    },
  });
  adopt(draft, branch);
  return true;
}

/** Finds room for each slot, one after the other. Slots hold their room while others are looked for, and none of it in the plan. */
function freeSlots(draft: Draft, policy: LoadPolicy, held: ReadonlySet<string>): boolean {
  const branch = branchOf(draft);
  for (const slot of slotMachines(draft.view, policy)) {
    const field = fieldOf(branch, policy, held);
    const target = roomFor(branch, field, slot) ?? makeRoom(branch, field, slot, field.hosts, causeOf(policy, ''));
    if (target === null) break;
    branch.final.put(slot, target.placement);
    branch.present.put(slot, target.placement);
  }
  const moved = [...branch.wishes].filter(([name, wish]) => draft.wishes.get(name) !== wish);
  for (const [name, wish] of moved) {
    const before = draft.wishes.get(name);
    if (before !== undefined) lift(draft, { machine: before.machine, host: before.target.host });
    addWish(draft, wish);
  }
  return moved.length > 0;
}

/** A host that has room for the slot as it is. */
function roomFor(draft: Draft, { hosts }: Field, slot: MachineView): Feasible | null {
  return best(ask(draft, { machine: slot, host: '' }, hosts));
}

function causeOf({ name: policy }: LoadPolicy, machine: string): Cause {
  return { kind: 'defragment', machine, policy };
}
