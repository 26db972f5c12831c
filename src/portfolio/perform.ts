import { search } from '../planner/engine/search/index.js';
import { AT, fieldAt } from './workplace.js';
import type { Workplace } from './workplace.js';

/** Takes tasks of the round as long as there are any, and performs them. */
export function performAll(place: Workplace, thread: number): void {
  const { control } = place;
  for (;;) {
    const task = Atomics.add(control, AT.next, 1);
    if (task >= Atomics.load(control, AT.count)) return;
    perform(place, task, thread);
    Atomics.add(control, AT.done, 1);
    Atomics.notify(control, AT.done);
  }
}

/** Performs one task: from where its assignment is, to where its search comes. The thread beats whenever it reads the clock. */
function perform({ instances, control, fields, assignments }: Workplace, task: number, thread: number): void {
  const field = (name: Parameters<typeof fieldAt>[1]) => fields[fieldAt(task, name)] ?? 0;
  const instance = instances[field('instance')];
  const assignment = assignments[task];
  if (instance === undefined || assignment === undefined) throw new RangeError(`there is no task ${task}`);
  const left = (field('deadline') - (performance.timeOrigin + performance.now())) / 1000;
  const seconds = Math.max(0, Math.min(left, field('seconds')));
  // Where time is no limit the clock stands still: it is read for the beat alone, and cannot change the result.
  const timed = seconds < Infinity;
  const result = search(instance, {
    seed: field('seed'),
    budget: { evaluations: field('evaluations'), seconds: timed ? seconds : 1 },
    now: () => {
      Atomics.add(control, AT.beats + thread, 1);
      return timed ? performance.now() : 0;
    },
    phase: { from: field('from'), to: field('to') },
    maxMoves: field('maxMoves'),
    strategy: field('strategy'),
    start: assignment.slice(),
  });
  assignment.set(result.assignment);
  fields[fieldAt(task, 'cost')] = result.cost;
  fields[fieldAt(task, 'spent')] = result.evaluations;
  fields[fieldAt(task, 'moves')] = result.moves;
}
