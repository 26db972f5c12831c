import type { Cause } from '../../model/index.js';
import { makeRoom } from '../engine/room/index.js';
import type { State } from '../engine/state.js';
import type { Packing } from '../pack/packing.js';
import { demandOf } from '../placement.js';
import { hasRoom } from '../place/bounds.js';
import type { Feasible } from '../place/search.js';
import { answers, sourceOf } from '../place/search.js';
import type { MachineView } from '../view.js';
import type { Draft } from './draft.js';
import { addWish, branchOf } from './draft.js';
import { judgementOf, togetherTo } from './judgement.js';
import { adviceOf, sentOn } from './wish.js';

/** The same seed whatever the time: a plan's result must find what the plan found. */
const SEED = 1;
/** Answers of the engine that the exact question may turn down before a machine is given up. */
const TRIES = 4;

/** Where room is looked for, one machine after the other. */
export interface Ground {
  readonly draft: Draft;
  readonly packing: Packing;
  readonly state: State;
}

/** A way for a machine to find room: the draft with all who go for it in their new places, the machine itself included. */
export interface Chain {
  readonly branch: Draft;
  readonly target: Feasible;
  /** Those who go so that the machine finds room; without the machine. */
  readonly movers: readonly { readonly machine: MachineView; readonly target: Feasible }[];
}

export interface ChainOptions {
  /** About so many places are looked at. */
  readonly evaluations: number;
  /** Says no to machines and hosts that are out of the question for reasons of the caller. */
  readonly allows?: (machine: MachineView, host: string) => boolean;
  /** What is said of a machine that goes for the other; one that goes anyhow keeps its cause. */
  readonly cause: (machine: MachineView) => Cause;
  /** Says no to a way that is not worth it, or too long. */
  readonly accepts?: (chain: Chain) => boolean;
}

/**
 * Looks for room for a machine that has none by moving others: the engine proposes, and the exact question has the last word on each move.
 * Null when there is no way; the ground's state follows what was found, its draft is left as it is.
 */
export function chainFor(ground: Ground, guest: MachineView, options: ChainOptions): Chain | null {
  const { packing, state } = ground;
  const index = packing.machineAt.get(guest.name) ?? -1;
  const before = state.place.slice();
  const wrong = new Set<string>();
  for (let tried = 0, atOnce = true; tried < TRIES;) {
    const isOpen = (each: number, to: number) => {
      const machine = packing.machines[each];
      const { host } = packing.hostAt(to);
      // Nobody goes back to where it runs: it would not move at all.
      if (machine === undefined || host === machine.running?.host) return false;
      return !wrong.has(`${machine.name} ${host}`) && options.allows?.(machine, host) !== false;
    };
    const allows = (each: number, to: number) => {
      if (each === index) return isOpen(each, to);
      return to === before[each] || (isOpen(each, to) && (!atOnce || fitsNow(ground, each, to)));
    };
    state.remove(index);
    const found = makeRoom(state, index, { seed: SEED, evaluations: options.evaluations, allows });
    const changed = [...before.keys()].filter((each) => each === index || state.place[each] !== before[each]);
    const chain = found ? settled(ground, guest, changed, wrong, options) : null;
    if (chain !== null && options.accepts?.(chain) !== false) return chain;
    before.forEach((home, each) => state.shift(each, home));
    if (!found && !atOnce) return null;
    atOnce &&= found;
    tried += Number(found);
  }
  return null;
}

/** Who goes for another does best to go where it need not wait for anybody: nothing goes in circles then. */
function fitsNow({ draft, packing }: Ground, index: number, to: number): boolean {
  const machine = packing.machines[index];
  return machine !== undefined && hasRoom(draft.present, machine, to);
}

/** Asks the exact question for each change, in order of size; null when one of them is refused, which `wrong` takes. */
function settled(
  { draft, packing, state }: Ground,
  guest: MachineView,
  changed: readonly number[],
  wrong: Set<string>,
  { cause }: ChainOptions,
): Chain | null {
  const branch = branchOf(draft);
  const movers = changed
    .flatMap((index) => packing.machines[index] ?? [])
    .toSorted((a, b) => demandOf(b).memoryMiB - demandOf(a).memoryMiB);
  for (const { name, running } of movers) {
    const wish = branch.wishes.get(name);
    for (const host of branch.final.hostsOf(name)) branch.final.lift(name, host);
    if (wish !== undefined && wish.target.host !== running?.host) branch.present.lift(name, wish.target.host);
  }
  const found = new Map<MachineView, Feasible>();
  for (const machine of movers) {
    const index = packing.machineAt.get(machine.name) ?? -1;
    const { host } = packing.hostAt(state.place[index] ?? -1);
    const view = draft.view.hosts.get(host);
    const source = sourceOf(draft.view, machine);
    const question = { ...branch, occupancy: branch.final, machine, source, relief: null };
    const target = view === undefined ? undefined : answers(question, [view])[0];
    if (target?.kind !== 'feasible') {
      wrong.add(`${machine.name} ${host}`);
      return null;
    }
    found.set(machine, target);
    state.shift(index, packing.placeOf(host, target.placement.cell));
    if (machine === guest) {
      branch.final.put(guest, target.placement);
      branch.present.put(guest, target.placement);
      continue;
    }
    const judgement = {
      ...judgementOf(draft.view, machine, target, [target]),
      together: togetherTo(movers.length - 1, `open room for ${guest.name}`),
    };
    const told = sentOn(draft.wishes.get(machine.name), cause(machine), judgement);
    addWish(branch, { ...told, machine, source, target, advice: adviceOf(machine, target, []) });
  }
  const target = found.get(guest);
  found.delete(guest);
  return target === undefined
    ? null
    : { branch, target, movers: [...found].map(([machine, at]) => ({ machine, target: at })) };
}
