import type { Cause, Refusal } from '../../model/index.js';
import type { Instance, Objectives } from '../engine/instance.js';
import { State } from '../engine/state.js';
import { packOf } from '../pack/packing.js';
import { demandOf } from '../placement.js';
import { sourceOf } from '../place/search.js';
import type { MachineView } from '../view.js';
import type { Chain } from './chain.js';
import { chainFor } from './chain.js';
import type { Draft } from './draft.js';
import { adopt } from './draft.js';
import { judgementOf } from './judgement.js';
import { isLost, standstill } from './movable.js';
import { causeOf, violationOf } from './required.js';
import { adviceOf } from './wish.js';

/** Places that are looked at for one machine, so many times each; and for all machines of a plan together. */
const LOOKS = 40;
const MOST_EVALUATIONS = 2_000_000;
/** Constraints that can stop binding when other machines go. */
const LOOSE = new Set([
  ...['capacity', 'hugepages', 'isolated-cpus', 'free-devices', 'load'],
  ...['affinity', 'anti-affinity', 'spread'],
]);

/**
 * Looks again for room for machines that found none, moving others: for those that stand against a rule or have lost their host, machines that
 * stand well or have been given a place already; for others that run nowhere, only such as start as well (`defragment` moves more). It comes
 * after all else and sees only what the draft has come to, so that the result of a plan asks for nothing more. Tells whether the draft changed.
 */
export function selectRoom(draft: Draft, required: readonly Refusal[], deployments: readonly Refusal[]): boolean {
  const held = new Set(required.map(({ machine }) => machine));
  const bystanders = ({ name }: MachineView) => !held.has(name) && !draft.staying.has(name);
  const anybody = (machine: MachineView) => {
    const wish = draft.wishes.get(machine.name);
    if (wish !== undefined) return !('policy' in wish.cause);
    return machine.running !== null && bystanders(machine) && standstill(draft.view, machine) === null;
  };
  const lost = ({ machine }: Refusal) => isLost(draft.view, draft.view.machines.get(machine));
  const seeking = deployments.filter(isLoose);
  const forRules = place(draft, [...required.filter(isLoose), ...seeking.filter(lost)], anybody);
  const fresh = seeking.filter((refusal) => !lost(refusal));
  const forStarts = place(draft, fresh, ({ name }) => draft.wishes.get(name)?.source === null);
  return forRules || forStarts;
}

function isLoose({ reason, candidates }: Refusal): boolean {
  return reason === 'NoFeasibleHost' && candidates.some(({ constraint }) => LOOSE.has(constraint));
}

function place(draft: Draft, refused: readonly Refusal[], movable: (machine: MachineView) => boolean): boolean {
  if (refused.length === 0) return false;
  const seeking = new Set(refused.map(({ machine }) => machine));
  const packing = packOf(draft.view, draft.final, {
    movable: (machine) => seeking.has(machine.name) || movable(machine),
    relief: null,
    objectives: ({ instance, machines, resources }) => objectivesOf(instance, machines, resources),
  });
  const ground = { draft, packing, state: new State(packing.instance) };
  const evaluations = Math.min(LOOKS * packing.instance.places, MOST_EVALUATIONS / refused.length);
  let changed = false;
  for (const { machine } of refused) {
    const guest = packing.machines[packing.machineAt.get(machine) ?? -1];
    if (guest === undefined) continue;
    seeking.delete(machine);
    const chain = chainFor(ground, guest, {
      evaluations,
      // Other machines that look for room wait for their turn.
      allows: ({ name }) => !seeking.has(name),
      cause: (mover) => roomCause(mover, guest),
    });
    seeking.add(machine);
    if (chain === null) continue;
    settle(draft, chain, guest);
    changed = true;
  }
  return changed;
}

function settle(draft: Draft, { branch, target }: Chain, machine: MachineView): void {
  const { view } = draft;
  const source = sourceOf(view, machine);
  const cause = draft.wishes.get(machine.name)?.cause ?? guestCause(draft, machine);
  const judgement = judgementOf(view, machine, target, [target]);
  branch.wishes.set(machine.name, {
    ...{ machine, source, target, cause, gain: 0, advice: adviceOf(machine, target, []), judgement },
  });
  adopt(draft, branch);
}

function guestCause({ view, final }: Draft, machine: MachineView): Cause {
  const against = violationOf(view, final, machine);
  return against === null ? { kind: 'deploy', machine: machine.name } : causeOf(machine, against);
}

function roomCause({ name }: MachineView, guest: MachineView): Cause {
  const message = `${name} makes room for ${guest.name}, which finds none without that`;
  return { kind: 'placement', machine: name, constraint: 'room', message };
}

/** Few and small machines go, those whose downtime costs least; and to hosts of which least is given out. */
function objectivesOf(
  { hosts, capacity }: Pick<Instance, 'hosts' | 'capacity'>,
  machines: readonly MachineView[],
  resources: readonly string[],
): Partial<Objectives> {
  const moved = machines.map((machine) => 1 + (machine.desired.migrationWeight * demandOf(machine).memoryMiB) / 1024);
  const quadratic = ['cpus', 'memory'].map((name) => {
    const resource = resources.indexOf(name);
    const all = Float64Array.from({ length: hosts }, (_, host) => capacity[host * resources.length + resource] ?? 0);
    return { resource, scale: all.map((amount) => 1 / Math.max(1, amount) ** 2), weight: 1 };
  });
  return { moved: Float64Array.from(moved), quadratic };
}
