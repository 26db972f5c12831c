import type { LoadPolicy } from '../model/index.js';
import { evaluate, totalOf } from './engine/evaluate.js';
import { among } from './pack/among.js';
import { packOf } from './pack/packing.js';
import type { Draft } from './select/draft.js';
import { objectivesFor } from './select/goals/cost.js';
import { fieldOf } from './select/goals/field.js';
import type { MachineView } from './view.js';

/**
 * What each host costs a machine by the objectives of a policy, all else as the draft has it: as its goal chooses. Less is better; the machine
 * is counted as running where it runs, so that a host is the dearer the more it costs to get there.
 */
export function goalScores(draft: Draft, policy: LoadPolicy, machine: MachineView): ReadonlyMap<string, number> {
  const { view, final } = draft;
  const field = fieldOf(draft, policy, new Set());
  const packing = packOf(among(view, new Set([...field.machines.keys(), machine.name])), final, {
    movable: ({ name }) => name === machine.name,
    relief: null,
    objectives: (packed) => objectivesFor(draft, field, packed),
  });
  const { instance, machineAt } = packing;
  const index = machineAt.get(machine.name) ?? -1;
  const scores = new Map<string, number>();
  for (let place = 0; place < instance.places; place++) {
    const { host } = packing.hostAt(place);
    const assignment = instance.origin.map((other, each) => (each === index ? place : other));
    const score = totalOf(evaluate(instance, assignment));
    scores.set(host, Math.min(score, scores.get(host) ?? Infinity));
  }
  return scores;
}
