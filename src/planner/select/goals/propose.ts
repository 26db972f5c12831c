import { evaluate } from '../../engine/evaluate.js';
import { State } from '../../engine/state.js';
import { packOf } from '../../pack/packing.js';
import type { HostView } from '../../view.js';
import type { Draft } from '../draft.js';
import type { Judgement } from '../judgement.js';
import { descent } from './descent.js';
import { gainsBetween, objectivesFor } from './cost.js';
import type { Field, Standing } from './field.js';
import { leastGain } from './gain.js';
import { spareMoves } from './occupants.js';

/** A move that the search found, and what came of the evaluation that found it. */
export interface Proposal {
  readonly standing: Standing;
  readonly host: HostView;
  readonly judgement: Judgement;
  /** Drop of the weighted sum that is lost without the move, all others being made; Infinity where the others need it. */
  readonly gain: number;
}

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
    return [{ standing, host, gain, judgement: judgementOf(field, state, machine) }];
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

function judgementOf({ policy }: Field, state: State, machine: number): Judgement {
  const { instance } = state;
  const now = evaluate(instance, state.place);
  const without = evaluate(instance, withPlace(state.place, machine, instance.origin[machine] ?? -1));
  return {
    gains: gainsBetween(policy, without, now),
    runnerUp: null,
  };
}

function withPlace(places: Int32Array, machine: number, place: number): Int32Array {
  return places.map((other, index) => (index === machine ? place : other));
}
