import type { Candidate, Cause, Desired, Explanation, World } from '../model/index.js';
import { Occupancy } from './occupancy.js';
import type { Answer } from './place/search.js';
import { answers, sourceOf } from './place/search.js';
import { decide } from './plan.js';
import { causeOf, violationOf } from './select/required.js';
import type { MachineView, View } from './view.js';
import { viewOf } from './view.js';

/** Why a machine is where it is, and for each host of the cluster why it could or could not be there. */
export function explain(desired: Desired, world: World, machine: string): Explanation {
  const view = viewOf(desired, world);
  const found = view.machines.get(machine);
  if (found === undefined) return { machine, host: null, causes: [], candidates: [] };
  const host = found.running?.host ?? null;
  return { machine, host, causes: causesFor(view, found), candidates: candidatesFor(view, found) };
}

function causesFor(view: View, machine: MachineView): readonly Cause[] {
  const planned = decide(view).selection.wishes.filter((wish) => wish.machine.name === machine.name);
  if (planned.length > 0) return planned.map((wish) => wish.cause);
  const against = violationOf(view, Occupancy.of(view), machine);
  return against === null ? [] : [causeOf(machine, against)];
}

/** Every host is asked as if the machine were nowhere; its own host as well. */
function candidatesFor(view: View, machine: MachineView): readonly Candidate[] {
  const occupancy = Occupancy.of(view);
  const present = occupancy.copy();
  if (machine.running !== null) occupancy.lift(machine.name, machine.running.host);
  const source = sourceOf(view, machine);
  return answers({ view, occupancy, present, machine, source, relief: null }).map(candidateOf);
}

function candidateOf(answer: Answer): Candidate {
  switch (answer.kind) {
    case 'feasible':
      return { host: answer.host, feasible: true, constraint: '', message: '', score: answer.score };
    case 'refused':
      return {
        host: answer.host,
        feasible: false,
        constraint: answer.constraint,
        message: answer.message,
        score: null,
      };
  }
}
