import { State } from '../engine/state.js';
import type { Instance } from '../engine/instance.js';
import { drawbackWeights } from '../objectives.js';
import type { Occupancy } from '../occupancy.js';
import { among } from '../pack/among.js';
import type { Packing } from '../pack/packing.js';
import { packOf } from '../pack/packing.js';
import { answers, bestAnswers } from '../place/search.js';
import type { MachineView } from '../view.js';
import type { Draft } from './draft.js';
import { adopt } from './draft.js';
import { judgementOf } from './judgement.js';
import { placeCosts } from './place-costs.js';
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
/** Up to so many machines, hosts are asked for the runner-up of each. */
const MOST_ASKED = 64;
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
    objectives: (packed) => placeCosts(view, packed, names),
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
  if (branch === null || !shifts.every(({ machine }) => isNoPoorer(draft, branch, machine))) return;
  if (shifts.length <= MOST_ASKED) for (const { machine } of shifts) tellRunnerUp(branch, machine);
  adopt(draft, branch);
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

/** Asks hosts again for one of the machines, now that all others are placed: which would be next best, and no better. */
function tellRunnerUp(branch: Draft, machine: MachineView): void {
  const wish = branch.wishes.get(machine.name);
  if (wish === undefined) return;
  const { view, final: occupancy, present } = branch;
  const { host, placement } = wish.target;
  occupancy.lift(machine.name, host);
  present.lift(machine.name, host);
  const question = { view, occupancy, present, machine, source: wish.source, relief: null };
  const others = [...view.hosts.values()].filter(({ name }) => name !== machine.running?.host);
  const all = bestAnswers(question, others);
  const here =
    all.find((answer) => answer.host === host) ??
    answers(
      question,
      others.filter(({ name }) => name === host),
    )[0];
  occupancy.put(machine, placement);
  present.put(machine, placement);
  if (here?.kind !== 'feasible') return;
  const { runnerUp } = judgementOf(view, machine, here, all);
  if (runnerUp === null || runnerUp.difference < 0) return;
  branch.wishes.set(machine.name, { ...wish, judgement: { ...wish.judgement, runnerUp } });
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
