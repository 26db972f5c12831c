import type { Cause, Refusal } from '../../model/index.js';
import type { Instance, Objectives } from '../engine/instance.js';
import { makeRoom } from '../engine/room/index.js';
import { State } from '../engine/state.js';
import type { Packing } from '../pack/packing.js';
import { packOf } from '../pack/packing.js';
import { demandOf } from '../placement.js';
import { hasRoom } from '../place/bounds.js';
import { answers, sourceOf } from '../place/search.js';
import type { MachineView } from '../view.js';
import type { Draft } from './draft.js';
import { addWish, adopt, branchOf } from './draft.js';
import { judgementOf } from './judgement.js';
import { standstill } from './movable.js';
import { causeOf, violationOf } from './required.js';
import { adviceOf } from './wish.js';

/** Places that are looked at for one machine, so many times each; and for all machines of a plan together. */
const LOOKS = 40;
const MOST_EVALUATIONS = 2_000_000;
/** The same seed whatever the time: a plan's result must find what the plan found. */
const SEED = 1;
/** Answers of the engine that the exact question may turn down before a machine is given up. */
const TRIES = 4;
/** Constraints that can stop binding when other machines go. */
const LOOSE = new Set([
  ...['capacity', 'hugepages', 'isolated-cpus', 'free-devices', 'load'],
  ...['affinity', 'anti-affinity', 'spread'],
]);

/**
 * Looks again for room for machines that found none, moving others: for those that stand against a rule, machines that stand well or have
 * been given a place already; for those that run nowhere, only others that start as well (`defragment` moves more). It comes after all
 * else and sees only what the draft has come to, so that the result of a plan asks for nothing more. Tells whether the draft changed.
 */
export function selectRoom(draft: Draft, required: readonly Refusal[], deployments: readonly Refusal[]): boolean {
  const held = new Set(required.map(({ machine }) => machine));
  const bystanders = ({ name }: MachineView) => !held.has(name) && !draft.staying.has(name);
  const forRules = place(draft, required.filter(isLoose), (machine) => {
    const wish = draft.wishes.get(machine.name);
    if (wish !== undefined) return !('policy' in wish.cause);
    return machine.running !== null && bystanders(machine) && standstill(draft.view, machine) === null;
  });
  const forStarts = place(draft, deployments.filter(isLoose), ({ name }) => draft.wishes.get(name)?.source === null);
  return forRules || forStarts;
}

function isLoose({ reason, candidates }: Refusal): boolean {
  return reason === 'NoFeasibleHost' && candidates.some(({ constraint }) => LOOSE.has(constraint));
}

/** What is known while room is looked for. */
interface Attempt {
  readonly draft: Draft;
  readonly packing: Packing;
  readonly state: State;
  /** `machine host`: the engine would have gone there, and the exact question said no. */
  readonly wrong: Set<string>;
}

function place(draft: Draft, refused: readonly Refusal[], movable: (machine: MachineView) => boolean): boolean {
  if (refused.length === 0) return false;
  const seeking = new Set(refused.map(({ machine }) => machine));
  const packing = packOf(draft.view, draft.final, {
    movable: (machine) => seeking.has(machine.name) || movable(machine),
    relief: null,
    objectives: ({ instance, machines, resources }) => objectivesOf(instance, machines, resources),
  });
  const state = new State(packing.instance);
  const evaluations = Math.min(LOOKS * packing.instance.places, MOST_EVALUATIONS / refused.length);
  let changed = false;
  for (const { machine } of refused) {
    const found = packing.machines[packing.machineAt.get(machine) ?? -1];
    if (found === undefined) continue;
    seeking.delete(machine);
    const attempt = { draft, packing, state, wrong: new Set([...seeking].map((other) => `${other} `)) };
    changed = tryMachine(attempt, found, evaluations) || changed;
    seeking.add(machine);
  }
  return changed;
}

function tryMachine(attempt: Attempt, machine: MachineView, evaluations: number): boolean {
  const { packing, state } = attempt;
  const index = packing.machineAt.get(machine.name) ?? -1;
  const before = state.place.slice();
  for (let tried = 0, atOnce = true; tried < TRIES;) {
    const allows = (each: number, to: number) => {
      if (each === index) return isOpen(attempt, each, to);
      return to === before[each] || (isOpen(attempt, each, to) && (!atOnce || fitsNow(attempt, each, to)));
    };
    state.remove(index);
    const found = makeRoom(state, index, { seed: SEED, evaluations, allows });
    const changed = [...before.keys()].filter((each) => state.place[each] !== before[each]);
    if (found && settle(attempt, machine, changed)) return true;
    before.forEach((home, each) => state.shift(each, home));
    if (!found && !atOnce) return false;
    atOnce &&= found;
    tried += Number(found);
  }
  return false;
}

/** Who goes for another does best to go where it need not wait for anybody: nothing goes in circles then. */
function fitsNow({ draft, packing }: Attempt, index: number, to: number): boolean {
  const machine = packing.machines[index];
  return machine !== undefined && hasRoom(draft.present, machine, to);
}

/** Nobody goes back to where it runs: it would not move at all. Other machines that look for room wait for their turn. */
function isOpen({ packing, wrong }: Attempt, index: number, to: number): boolean {
  const machine = packing.machines[index];
  const { host } = packing.hostAt(to);
  if (machine === undefined || host === machine.running?.host) return false;
  return !wrong.has(`${machine.name} `) && !wrong.has(`${machine.name} ${host}`);
}

/** Asks the exact question for each change, in order of size; adopts all of them or none. */
function settle({ draft, packing, state, wrong }: Attempt, guest: MachineView, changed: readonly number[]): boolean {
  const branch = branchOf(draft);
  const movers = changed
    .flatMap((index) => packing.machines[index] ?? [])
    .toSorted((a, b) => demandOf(b).memoryMiB - demandOf(a).memoryMiB);
  for (const { name, running } of movers) {
    const wish = branch.wishes.get(name);
    for (const host of branch.final.hostsOf(name)) branch.final.lift(name, host);
    if (wish !== undefined && wish.target.host !== running?.host) branch.present.lift(name, wish.target.host);
  }
  for (const machine of movers) {
    const index = packing.machineAt.get(machine.name) ?? -1;
    const { host } = packing.hostAt(state.place[index] ?? -1);
    const view = draft.view.hosts.get(host);
    const source = sourceOf(draft.view, machine);
    const question = { ...branch, occupancy: branch.final, machine, source, relief: null };
    const target = view === undefined ? undefined : answers(question, [view])[0];
    if (target?.kind !== 'feasible') {
      wrong.add(`${machine.name} ${host}`);
      return false;
    }
    const before = draft.wishes.get(machine.name);
    const cause = before?.cause ?? (machine === guest ? guestCause(draft, guest) : roomCause(machine, guest));
    const judgement = judgementOf(draft.view, machine, target, [target]);
    addWish(branch, { machine, source, target, cause, gain: 0, advice: adviceOf(machine, target, []), judgement });
    state.shift(index, packing.placeOf(host, target.placement.cell));
  }
  adopt(draft, branch);
  return true;
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
