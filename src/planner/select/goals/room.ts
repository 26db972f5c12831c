import type { Cause } from '../../../model/index.js';
import { weightsFor } from '../../objectives.js';
import { demandOf } from '../../placement.js';
import type { Feasible } from '../../place/search.js';
import { answers, best } from '../../place/search.js';
import { add, amountsOf, shortage } from '../../resources.js';
import type { HostView, MachineView } from '../../view.js';
import type { Draft } from '../draft.js';
import { adopt, branchOf } from '../draft.js';
import { chainTo } from './chain-to.js';
import type { Field, Standing } from './field.js';
import { leastGain } from './gain.js';
import { spareMoves } from './occupants.js';
import { judged, offersOf } from './price.js';
import { askInOrder, lift, put } from './reroute.js';

/** Machines that leave a host together, at most, as long as all sets of them are tried; beyond, the engine looks for chains. */
const MOST_LEAVING = 3;

/** A way to make room: the draft that it leads to, and where the guest is in it. */
interface Way {
  readonly branch: Draft;
  readonly target: Feasible;
  readonly price: number;
}

/**
 * Lets as few machines as possible leave one of the hosts, the cheapest of them, so that the guest fits there; each of them finds another
 * host of the field. Where few do not suffice, the engine looks for chains of machines that go for each other. The draft is changed when
 * there is a way that is worth it; the guest itself is not put.
 */
export function makeRoom(
  draft: Draft,
  field: Field,
  guest: MachineView,
  hosts: readonly HostView[],
  cause: Cause,
): Feasible | null {
  const { policy } = field;
  const roomy = hosts.flatMap((host) => settingOf(draft, field, guest, host));
  if (roomy.length === 0) return null;
  const budget = { evaluations: policy.search.evaluations };
  for (let size = 1; size <= MOST_LEAVING; size++) {
    let found: Way | null = null;
    for (const { host, residents } of roomy) {
      for (const leaving of subsets(residents, size)) {
        if (budget.evaluations-- <= 0) break;
        if (!couldFit(draft, guest, host, leaving)) continue;
        const way = tryLeaving(draft, field, guest, host, leaving, cause, budget);
        if (way !== null && (found === null || way.price < found.price)) found = way;
      }
    }
    if (found === null) continue;
    if (weightsFor(policy).fragmentation - found.price < leastGain(policy)) return null;
    adopt(draft, found.branch);
    return found.target;
  }
  return chainTo(
    draft,
    field,
    guest,
    roomy.map(({ host }) => host),
    cause,
  );
}

interface Setting {
  readonly host: HostView;
  readonly residents: readonly Standing[];
}

/** The host with those who may leave it, when the guest would fit once all of them had. */
function settingOf(draft: Draft, field: Field, guest: MachineView, host: HostView): readonly Setting[] {
  const residents = [...field.machines.values()].filter((standing) => standing.host === host.name);
  const branch = branchOf(draft);
  for (const resident of residents) lift(branch, resident);
  return guestOn(branch, guest, host) === null ? [] : [{ host, residents }];
}

function guestOn({ view, final: occupancy, present }: Draft, machine: MachineView, host: HostView): Feasible | null {
  return best(answers({ view, occupancy, present, machine, source: null, relief: null }, [host]));
}

/** False when the amounts of the host are too small for the guest, whatever cell and devices it would get. */
function couldFit({ final }: Draft, guest: MachineView, host: HostView, leaving: readonly Standing[]): boolean {
  const freed = leaving.flatMap(({ machine }) => [...(final.amountsAt(machine.name, host.name) ?? [])]);
  const used = new Map(final.used(host.name));
  for (const [name, amount] of freed) add(used, name, -amount);
  return shortage(host.capacity, used, amountsOf(demandOf(guest), null)) === null;
}

function tryLeaving(
  draft: Draft,
  { policy, hosts }: Field,
  guest: MachineView,
  host: HostView,
  leaving: readonly Standing[],
  cause: Cause,
  budget: { evaluations: number },
): Way | null {
  if (leaving.filter(({ machine }) => !draft.wishes.has(machine.name)).length > spareMoves(draft, policy)) return null;
  const branch = branchOf(draft);
  for (const standing of leaving) lift(branch, standing);
  const target = guestOn(branch, guest, host);
  if (target === null) return null;
  branch.final.put(guest, target.placement);
  const others = hosts.filter((other) => other !== host);
  const gain = 1 / leaving.length;
  let price = 0;
  for (const standing of leaving) {
    const all = askInOrder(branch, standing, others);
    budget.evaluations -= all.length;
    const [offer] = offersOf(branch.view, policy, standing.machine, all);
    if (offer === undefined) return null;
    price += offer.price;
    put(branch, standing, offer.target, all, cause, judged(offer, [{ objective: 'fragmentation', gain }]));
  }
  branch.final.lift(guest.name, host.name);
  return { branch, target, price };
}

/** All subsets of a size, in the order of the items. */
function* subsets<T>(items: readonly T[], size: number, from = 0): Generator<readonly T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let first = from; first <= items.length - size; first++) {
    for (const rest of subsets(items, size - 1, first + 1)) yield [...items.slice(first, first + 1), ...rest];
  }
}
