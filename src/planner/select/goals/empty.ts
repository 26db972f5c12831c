import type { LoadPolicy } from '../../../model/index.js';
import { makeRoom } from '../../engine/room/index.js';
import { State } from '../../engine/state.js';
import { among } from '../../pack/among.js';
import type { Packing } from '../../pack/packing.js';
import { packOf } from '../../pack/packing.js';
import { sourceOf } from '../../place/search.js';
import type { HostView, View } from '../../view.js';
import type { Draft } from '../draft.js';
import { togetherTo } from '../judgement.js';
import type { Shift } from '../shifts.js';
import { shiftAll } from '../shifts.js';
import { adviceOf, sentOn } from '../wish.js';
import { objectivesFor } from './cost.js';
import type { Field, Standing } from './field.js';
import { leastGain } from './gain.js';
import { spareMoves } from './occupants.js';
import { judged, offersOf } from './price.js';

/** A little below the limit: a host that reaches it is too full already. */
const BELOW = 1 - 1e-9;
/** Times that each place is looked at for one machine, at most. */
const LOOKS = 20;

/** Where hosts are emptied, one after the other, as long as nothing changes. */
export interface Emptying {
  readonly field: Field;
  readonly packing: Packing;
  readonly state: State;
  /** Changes that may still be looked at. */
  evaluations: number;
}

/** The field as the engine sees it: a host in use costs what the policy says, and none takes more than leaves it clear of its threshold. */
export function emptyingOf(draft: Draft, field: Field): Emptying {
  const { policy, machines } = field;
  const packing = packOf(among(draft.view, new Set(machines.keys())), draft.final, {
    movable: ({ name }) => machines.has(name),
    relief: null,
    objectives: (packed) => objectivesFor(draft, field, packed),
  });
  const instance = { ...packing.instance, capacity: clearOf(draft.view, policy, packing) };
  return { field, packing, state: new State(instance), evaluations: policy.search.evaluations };
}

/**
 * The draft with a host emptied by chains of machines that go for each other, where the others in use have no room as they are. Null when
 * there is no such way, or it is not worth its moves.
 */
export function emptyByChains(
  draft: Draft,
  emptying: Emptying,
  used: readonly HostView[],
  { host, occupants }: { readonly host: HostView; readonly occupants: readonly Standing[] },
): Draft | null {
  const { packing, state, field } = emptying;
  const open = new Set(used.flatMap((other) => (other === host ? [] : [other.name])));
  const before = state.cost;
  const own = occupants.map(({ machine }) => packing.machineAt.get(machine.name) ?? -1);
  const allows = (index: number, place: number) => {
    const to = packing.hostAt(place).host;
    return open.has(to) && to !== packing.machines[index]?.running?.host;
  };
  for (const index of own) state.remove(index);
  const isEmptied = own.every((index) => {
    const evaluations = Math.min(emptying.evaluations, LOOKS * packing.instance.places);
    emptying.evaluations -= evaluations;
    return evaluations > 0 && makeRoom(state, index, { seed: field.policy.search.seed, evaluations, allows });
  });
  const isWorthIt = isEmptied && before - state.cost >= leastGain(field.policy);
  const shifts = isWorthIt ? shiftsOf(draft.view, packing, state) : [];
  state.reset(packing.instance.origin);
  const fresh = shifts.filter(({ machine }) => !draft.wishes.has(machine.name));
  if (shifts.length === 0 || fresh.length > spareMoves(draft, field.policy)) return null;
  return carriedOut(draft, field, host, shifts);
}

function shiftsOf(view: View, { machines, instance, hostAt }: Packing, state: State): readonly Shift[] {
  return machines.flatMap((machine, index): readonly Shift[] => {
    const to = view.hosts.get(hostAt(state.place[index] ?? -1).host);
    return state.place[index] === instance.origin[index] || to === undefined ? [] : [{ machine, to, relief: null }];
  });
}

/** Asks all hosts exactly, and whether the policy wants the moves; each of them has its share in the host that they empty. */
function carriedOut(draft: Draft, { policy }: Field, host: HostView, shifts: readonly Shift[]): Draft | null {
  const { view } = draft;
  const together = togetherTo(shifts.length, `empty ${host.name}`);
  const gains = [{ objective: 'hostsInUse' as const, gain: 1 / shifts.length }];
  const branch = shiftAll(draft, shifts, ({ machine, target }) => {
    const [offer] = offersOf(view, policy, machine, [target]);
    const judgement = {
      ...(offer === undefined ? { gains, runnerUp: null } : judged(offer, gains)),
      together,
    };
    const cause = { kind: 'consolidate' as const, host: host.name, policy: policy.name };
    const source = sourceOf(view, machine);
    const advice = adviceOf(machine, target, []);
    return { ...sentOn(draft.wishes.get(machine.name), cause, judgement), machine, source, target, advice };
  });
  const isWanted = ({ machine }: Shift) => {
    const target = branch?.wishes.get(machine.name)?.target;
    return target !== undefined && offersOf(view, policy, machine, [target]).length > 0;
  };
  return shifts.every(isWanted) ? branch : null;
}

/** place × resource: as the instance has it, but loads as high only as the tolerance below the policy's thresholds. */
function clearOf(view: View, policy: LoadPolicy, { instance, resources, placeOf }: Packing): Float64Array {
  const capacity = instance.capacity.slice();
  for (const { metric, high } of policy.thresholds) {
    for (const host of policy.hosts) {
      const at = placeOf(host, null) * instance.resources + resources.indexOf(`load ${metric}`);
      const most = (high - policy.tolerance) * view.loads.full(host, metric) * BELOW;
      capacity[at] = Math.min(capacity[at] ?? Infinity, most);
    }
  }
  return capacity;
}
