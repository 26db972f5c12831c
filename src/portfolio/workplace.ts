import type { Instance } from '../planner/engine/instance.js';

/** What all threads of a search share: the problems, the tasks, and the counters by which they hand tasks out. */
export interface Workplace {
  readonly instances: readonly Instance[];
  /** Counters, see `AT`; the beats of the threads follow. */
  readonly control: Int32Array;
  /** Tasks × `FIELDS` in the order of `Field`. */
  readonly fields: Float64Array;
  /** Where each task begins, and then where it has come to: machine → place. */
  readonly assignments: readonly Int32Array[];
  /** Text of the first failure, UTF-8. */
  readonly failure: Uint8Array;
}

/** Indices of `control`: the number of the round, the next task, how many there are and are done; failed threads; the end of all. */
export const AT = { round: 0, next: 1, count: 2, done: 3, failed: 4, over: 5, beats: 6 } as const;

/** Fields of a task; a limit that is not set is Infinity. The last three are results. */
export const FIELD = {
  instance: 0,
  seed: 1,
  evaluations: 2,
  /** Milliseconds since 1970 at which it must end. */
  deadline: 3,
  seconds: 4,
  from: 5,
  to: 6,
  maxMoves: 7,
  strategy: 8,
  cost: 9,
  spent: 10,
  moves: 11,
} as const;

const FIELDS = 12;

export function fieldAt(task: number, field: keyof typeof FIELD): number {
  return task * FIELDS + FIELD[field];
}

/** A workplace for at most so many tasks at once. */
export function workplaceOf(
  instances: readonly Instance[],
  machinesOfTask: readonly number[],
  threads: number,
): Workplace {
  return {
    instances,
    control: new Int32Array(new SharedArrayBuffer(4 * (AT.beats + threads))),
    fields: new Float64Array(new SharedArrayBuffer(8 * FIELDS * machinesOfTask.length)),
    assignments: machinesOfTask.map((machines) => new Int32Array(new SharedArrayBuffer(4 * machines))),
    failure: new Uint8Array(new SharedArrayBuffer(1024)),
  };
}
