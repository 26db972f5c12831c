import type { LoadSample, Machine, Move, Plan, World } from '../../src/model/index.js';
import { bound } from './fixture.js';

/** The world in which all moves of a plan have been made and nothing else has happened. */
export function resultOf(world: World, plan: Plan): World {
  let machines = [...world.machines];
  for (const move of plan.moves) {
    const before = machines.find((machine) => machine.name === move.machine);
    const assignments = move.assignments.map(({ claim, to, mac, guestAddress }) => {
      return { claim, device: to, mac, guestAddress };
    });
    const copy = before === undefined || move.strategy === 'cold' ? started(plan, move, before) : before;
    const after = { ...copy, host: move.to, numaNode: move.numaNode, assignments };
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

/** A machine that starts gets the size that is written, also where it had run or stopped with another. */
function started(plan: Plan, { machine: name, to }: Move, before: Machine | undefined): Machine {
  for (const action of plan.steps.flatMap((step) => step.actions)) {
    if (action.kind !== 'start' || action.machine !== name || action.host !== to) continue;
    const { vcpus, memoryMiB, hugepageSizeKiB, diskGiB, sharedDisks } = action.definition;
    const size = { vcpus, memoryMiB, hugepageSizeKiB, diskGiB, sharedDisks };
    const rest = {
      state: 'running',
      numaNode: null,
      assignments: [],
      staged: [],
      standby: true,
      dirtyMibps: 0,
      job: null,
    } as const;
    return { ...rest, ...before, name, host: to, ...size, state: 'running' };
  }
  throw new Error(`the plan starts no ${name}`);
}

/** The plan's projections count moves under way as made; what the plan itself adds is their difference. */
function projected(sample: LoadSample, { projections }: Plan): LoadSample {
  if (sample.subject.kind === 'machine') return sample;
  const { name } = sample.subject;
  const loadIn = (all: Plan['projections']['before']) => all.find(({ host }) => host === name)?.load[sample.metric];
  const [before, after] = [loadIn(projections.before), loadIn(projections.after)];
  return before === undefined || after === undefined ? sample : { ...sample, value: sample.value + after - before };
}
