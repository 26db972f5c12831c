import { workerData } from 'node:worker_threads';
import { performAll } from './perform.js';
import { AT } from './workplace.js';
import type { Workplace } from './workplace.js';

/** What a thread is started with: the workplace, and which thread it is. */
export interface Post {
  readonly place: Workplace;
  readonly thread: number;
}

/** The life of a thread: it waits for a round, takes tasks, waits again, and ends when all is over. */
function work({ place, thread }: Post): void {
  const { control, failure } = place;
  let round = 0;
  for (;;) {
    Atomics.wait(control, AT.round, round);
    if (Atomics.load(control, AT.over) === 1) return;
    round = Atomics.load(control, AT.round);
    try {
      performAll(place, thread);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (Atomics.compareExchange(control, AT.failed, 0, 1) === 0) new TextEncoder().encodeInto(text, failure);
      Atomics.add(control, AT.failed, 1);
      Atomics.notify(control, AT.done);
      return;
    }
  }
}

work(workerData as Post);
