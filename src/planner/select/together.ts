import { State } from '../engine/state.js';
import type { Instance, Objectives } from '../engine/instance.js';
import { drawbackWeights } from '../objectives.js';
import type { Occupancy } from '../occupancy.js';
import { among } from '../pack/among.js';
import type { Packing } from '../pack/packing.js';
import { packOf } from '../pack/packing.js';
import type { MachineView, View } from '../view.js';
import type { Draft } from './draft.js';
import { adopt } from './draft.js';
import { crossingFor } from './goals/cost.js';
import { DOMAINS } from '../pack/seats.js';
import { judgementOf } from './judgement.js';
import type { Shift, Shifted } from './shifts.js';
import { shiftAll } from './shifts.js';
import type { Wish } from './wish.js';
import { adviceOf } from './wish.js';

/** Changes that are looked at: at least, more for each machine, and at most. */
const LEAST_EVALUATIONS = 10_000;
const EVALUATIONS = 400;
const MOST_EVALUATIONS = 200_000;
/** The same seed whatever the time. */
const SEED = 1;
const DRAWBACKS = drawbackWeights(null);
/** What is to be saved for each machine at least: places that are about as good are left as they are. */
const WORTHWHILE = 0.001;

/**
 * Places machines that start or have to move anew, all of them together: the first answer put each where it was best for itself, one after the
 * other. Kept is what the engine finds better by the objectives that places are chosen by, and what the exact question lets pass.
 */
export function placeTogether(draft: Draft): void {
  const { view } = draft;
  const wishes = [...draft.wishes.values()].filter(isFree);
  const names = new Set(wishes.map(({ machine }) => machine.name));
  if (names.size < 2 || [...names].every((name) => draft.together.has(name))) return;
  for (const name of names) draft.together.add(name);
  const packing = packOf(among(view, names), before(draft, wishes), {
    movable: ({ name }) => names.has(name),
    relief: null,
    drawbacks: DRAWBACKS,
    objectives: (packed) => objectivesOf(view, packed, names),
  });
  const instance = { ...packing.instance, transient: transientOf(packing), unary: leavingAll(packing.instance) };
  const start = Int32Array.from(instance.origin, (place, index) => {
    const machine = packing.machines[index];
    const wish = draft.wishes.get(machine?.name ?? '');
    return wish === undefined ? place : packing.placeOf(wish.target.host, wish.target.placement.cell);
  });
  const first = new State(instance, start).cost;
  const evaluations = Math.min(MOST_EVALUATIONS, LEAST_EVALUATIONS + EVALUATIONS * instance.machines);
  const { assignment, cost } = view.solve(instance, {
    seed: SEED,
    budget: { evaluations },
    maxMoves: names.size,
    start,
  });
  if (!(cost < first - WORTHWHILE * names.size)) return;
  const shifts = packing.machines.flatMap((machine, index): readonly Shift[] => {
    const to = view.hosts.get(packing.hostAt(assignment[index] ?? -1).host);
    if (assignment[index] === start[index] || to === undefined) return [];
    return [{ machine, to, relief: null }];
  });
  const branch = shiftAll(draft, shifts, (shifted) => wishOf(draft, names.size - 1, shifted));
  if (branch !== null && shifts.every(({ machine }) => isNoPoorer(draft, branch, machine))) adopt(draft, branch);
}

/** The draft with these machines where they run, and not where they go. */
function before({ final }: Draft, wishes: readonly Wish[]): Occupancy {
  const occupancy = final.copy();
  for (const { machine, source, target } of wishes) {
    occupancy.lift(machine.name, target.host);
    if (source !== null) occupancy.put(machine, source);
  }
  return occupancy;
}

/** Whether the machine gets there by a strategy that it likes as much. */
function isNoPoorer(first: Draft, second: Draft, { name, desired }: MachineView): boolean {
  const [now, then] = [first, second].map(({ wishes }) =>
    desired.strategies.indexOf(wishes.get(name)?.target.strategy ?? 'cold'),
  );
  return (then ?? 0) <= (now ?? 0);
}

function isFree({ cause, judgement }: Wish): boolean {
  return !('policy' in cause) && judgement.together === undefined;
}

/** Whoever is to leave does not stay. */
function leavingAll({ unary, fixed }: Instance): Instance['unary'] {
  return unary === null
    ? null
    : { ...unary, staying: Float64Array.from(fixed, (isFixed) => (isFixed === 1 ? 0 : Infinity)) };
}

/** What machines hold where they leave until they have left: nobody shall have to wait for them. */
function transientOf({ resources }: Packing): Uint8Array {
  return Uint8Array.from(resources, (name) => (name.startsWith('load ') ? 0 : 1));
}

function wishOf(draft: Draft, others: number, { machine, target }: Shifted): Wish {
  const wish = draft.wishes.get(machine.name);
  if (wish === undefined) throw new Error(`${machine.name} is not in the draft`);
  const together = `its place was chosen together with those of ${others === 1 ? 'another machine' : `${others} others`}`;
  const judgement = { ...judgementOf(draft.view, machine, target, [target]), together };
  return { ...wish, target, advice: adviceOf(machine, target, []), judgement };
}

function objectivesOf(
  view: View,
  { instance, machines, resources, placeOf }: Omit<Packing, 'instance'> & { instance: Omit<Instance, 'objectives'> },
  names: ReadonlySet<string>,
): Partial<Objectives> {
  const { capacity, hosts } = instance;
  const width = resources.length;
  const [cpus, memory] = [resources.indexOf('cpus'), resources.indexOf('memory')];
  const loads = view.loads.metrics.map((metric) => ({ metric, resource: resources.indexOf(`load ${metric}`) }));
  const written = [...view.hosts.keys()].map((name) => ({ name, at: placeOf(name, null) }));
  const size =
    written.reduce((sum, { at }) => sum + (capacity[at * width + cpus] ?? 0), 0) / Math.max(1, written.length);
  const movers = machines.flatMap(({ name }, index) => (names.has(name) ? [index] : []));
  const mean =
    movers.reduce((sum, index) => sum + (instance.demand[index * width + cpus] ?? 0), 0) / Math.max(1, movers.length);
  const typical = Math.max(1e-6, mean / Math.max(1e-6, size));
  const squared = (resource: number, fullOf: (name: string, at: number) => number) => {
    const scale = new Float64Array(hosts);
    for (const { name, at } of written) {
      const full = fullOf(name, at);
      scale[at] = full > 0 && Number.isFinite(full) ? 1 / full ** 2 : 0;
    }
    return { resource, scale };
  };
  const weight = (part: 'load' | 'memory') => DRAWBACKS[part] / typical;
  const amount = (resource: number) => (_: string, at: number) => capacity[at * width + resource] ?? 0;
  return {
    quadratic: [
      { ...squared(cpus, amount(cpus)), weight: weight('load') },
      { ...squared(memory, amount(memory)), weight: weight('memory') },
      ...loads.map(({ metric, resource }) => ({
        ...squared(resource, (name) => view.loads.full(name, metric)),
        weight: weight('load'),
      })),
    ],
    crossing: crossingFor(instance.domains[DOMAINS.indexOf('accessGroup')]?.count ?? 0, DRAWBACKS.groupCrossing),
  };
}
