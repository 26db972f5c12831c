import { evaluate } from '../../engine/evaluate.js';
import { State } from '../../engine/state.js';
import type { Packing } from '../../pack/packing.js';
import { packOf } from '../../pack/packing.js';
import type { RunnerUp } from '../../../model/index.js';
import type { HostView } from '../../view.js';
import type { Draft } from '../draft.js';
import type { Judgement } from '../judgement.js';
import { descent } from './descent.js';
import { gainsBetween, mostOf, objectivesFor } from './cost.js';
import type { Field, Standing } from './field.js';
import { leastGain } from './gain.js';
import { spareMoves } from './occupants.js';
import { ask } from './reroute.js';

/** A move that the search found, and what came of the evaluation that found it. */
export interface Proposal {
  readonly standing: Standing;
  readonly host: HostView;
  readonly judgement: Judgement;
  /** Drop of the weighted sum that is lost without the move, all others being made; Infinity where the others need it. */
  readonly gain: number;
}

/** Hosts that are asked exactly whether they could be the runner-up. */
const RUNNERS_UP = 3;

/**
 * Moves that make the weighted sum of the objectives smaller, the most useful first; each of them gains the least that the policy asks for.
 * Single moves that save most come first, because they are few, and stay the same when loads change a little; where none saves enough, the
 * engine looks for moves that do so together.
 */
export function propose(draft: Draft, field: Field, excluded: ReadonlySet<string>): readonly Proposal[] {
  const { policy, hosts, machines } = field;
  const packing = packOf(draft.view, draft.final, {
    movable: ({ name }) => machines.has(name) && !excluded.has(name),
    relief: { ...policy, hosts: hosts.map(({ name }) => name) },
    objectives: (packed) => objectivesFor(draft, field, packed),
  });
  const { instance } = packing;
  const minimumGain = leastGain(policy);
  const { evaluations, seed } = policy.search;
  const maxMoves = Math.max(0, spareMoves(draft, policy));
  const steep = new State(instance, descent(instance, { minimumGain, maxMoves, evaluations }));
  const state =
    steep.moves > 0
      ? steep
      : new State(instance, draft.view.solve(instance, { seed, budget: { evaluations }, maxMoves }).assignment);
  const kept = worthwhile(state, minimumGain);
  return kept.flatMap(({ machine, gain }): readonly Proposal[] => {
    const standing = machines.get(packing.machines[machine]?.name ?? '');
    const name = packing.hostAt(state.place[machine] ?? -1).host;
    const host = hosts.find((other) => other.name === name);
    if (standing === undefined || host === undefined) return [];
    return [{ standing, host, gain, judgement: judgementOf(draft, field, packing, state, machine, standing) }];
  });
}

/** Takes back moves that gain too little, the least useful first, and tells what the others gain. */
function worthwhile(state: State, minimumGain: number): readonly { readonly machine: number; readonly gain: number }[] {
  const { origin } = state.instance;
  for (;;) {
    const moved = Array.from(origin.keys()).filter((machine) => state.place[machine] !== origin[machine]);
    const gains = moved.map((machine) => ({ machine, gain: state.shiftDelta(machine, origin[machine] ?? -1) }));
    const inOrder = gains.toSorted((a, b) => (a.gain === b.gain ? a.machine - b.machine : b.gain - a.gain));
    const least = inOrder.at(-1);
    if (least === undefined || least.gain >= minimumGain) return inOrder;
    state.shift(least.machine, origin[least.machine] ?? -1);
  }
}

function judgementOf(
  draft: Draft,
  field: Field,
  packing: Packing,
  state: State,
  machine: number,
  standing: Standing,
): Judgement {
  const { instance } = packing;
  const now = evaluate(instance, state.place);
  const without = evaluate(instance, withPlace(state.place, machine, instance.origin[machine] ?? -1));
  return {
    gains: gainsBetween(field.policy, without, now),
    runnerUp: runnerUpOf(draft, field, packing, state, machine, standing),
  };
}

/** The host that would cost least after the one that was chosen, among those that would take the machine. */
function runnerUpOf(
  draft: Draft,
  { hosts }: Field,
  packing: Packing,
  state: State,
  machine: number,
  standing: Standing,
): RunnerUp | null {
  const { instance } = packing;
  const { origin, hostOf, places } = instance;
  const taken = [state.place[machine] ?? -1, origin[machine] ?? -1].map((place) => hostOf[place] ?? -1);
  const others = Array.from({ length: places }, (_, place) => place)
    .filter((place) => !taken.includes(hostOf[place] ?? -1))
    .map((place) => ({ place, difference: state.shiftDelta(machine, place) }))
    .filter(({ difference }) => difference < Infinity)
    .toSorted((a, b) => a.difference - b.difference || a.place - b.place);
  for (const { place, difference } of others.slice(0, RUNNERS_UP)) {
    const host = hosts.find(({ name }) => name === packing.hostAt(place).host);
    if (host === undefined || ask(draft, standing, [host])[0]?.kind !== 'feasible') continue;
    const there = evaluate(instance, withPlace(state.place, machine, place));
    return { host: host.name, difference, objective: mostOf(there, evaluate(instance, state.place)) };
  }
  return null;
}

function withPlace(places: Int32Array, machine: number, place: number): Int32Array {
  return places.map((other, index) => (index === machine ? place : other));
}
