import type { LoadSample, Machine, Plan, World } from '../../src/model/index.js';
import { bound } from './fixture.js';

/** The world in which all moves of a plan have been made and nothing else has happened. */
export function resultOf(world: World, plan: Plan): World {
  let machines = [...world.machines];
  for (const move of plan.moves) {
    const before = machines.find((machine) => machine.name === move.machine);
    const assignments = move.assignments.map(({ claim, to, mac, guestAddress }) => {
      return { claim, device: to, mac, guestAddress };
    });
    const after = { ...(before ?? started(plan, move.machine)), host: move.to, numaNode: move.numaNode, assignments };
    machines = [...machines.filter((machine) => machine !== before), after];
  }
  const moved = new Set(plan.moves.map((move) => move.machine));
  return {
    ...world,
    machines,
    reservations: [
      ...world.reservations.filter((entry) => !moved.has(entry.machine)),
      ...machines
        .filter((machine) => moved.has(machine.name))
        .flatMap((machine) => machine.assignments.map((assignment) => bound(machine, assignment))),
    ],
    samples: world.samples.map((sample) => projected(sample, plan)),
  };
}

function started(plan: Plan, name: string): Machine {
  for (const action of plan.steps.flatMap((step) => step.actions)) {
    if (action.kind !== 'start' || action.machine !== name) continue;
    const { vcpus, memoryMiB, hugepageSizeKiB, diskGiB, sharedDisks } = action.definition;
    const size = { vcpus, memoryMiB, hugepageSizeKiB, diskGiB, sharedDisks };
    const rest = { state: 'running', numaNode: null, assignments: [], staged: [], dirtyMibps: 0, job: null } as const;
    return { name, host: action.host, ...size, ...rest };
  }
  throw new Error(`the plan starts no ${name}`);
}

function projected(sample: LoadSample, plan: Plan): LoadSample {
  if (sample.subject.kind === 'machine') return sample;
  const after = plan.projections.after.find((entry) => entry.host === sample.subject.name)?.load[sample.metric];
  return after === undefined ? sample : { ...sample, value: after };
}
