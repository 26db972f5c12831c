import { Worker } from 'node:worker_threads';
import { performAll } from './perform.js';
import { AT } from './workplace.js';
import type { Workplace } from './workplace.js';
import type { Post } from './worker.js';

/** How long all threads may be silent while a task is open before the search is given up: longer than any pause of collecting garbage. */
const SILENCE_SECONDS = 60;

/**
 * Threads that perform the tasks of a workplace round by round; the caller's own thread is the first of them, and waits at the end of each
 * round until all tasks are done. The others end with `close`, and never keep the process alive.
 */
export class Crew {
  private readonly workers: readonly Worker[];

  /** `program`: the module that a thread runs; `worker.js` beside this one unless a test says something else. */
  constructor(
    private readonly place: Workplace,
    threads: number,
    program: URL = new URL('./worker.js', import.meta.url),
  ) {
    this.workers = Array.from({ length: threads - 1 }, (_, index) => {
      const worker = new Worker(program, { workerData: { place, thread: index + 1 } satisfies Post });
      // A thread that cannot even start takes no task: the others do all of them.
      worker.on('error', () => undefined);
      worker.unref();
      return worker;
    });
  }

  /** Performs the first `count` tasks. Throws when a thread failed, or fell silent over a task. */
  run(count: number): void {
    const { control } = this.place;
    // A thread that looks for more work of the last round finds none until all is set.
    Atomics.store(control, AT.next, 2 ** 30);
    Atomics.store(control, AT.count, count);
    Atomics.store(control, AT.done, 0);
    Atomics.store(control, AT.next, 0);
    Atomics.add(control, AT.round, 1);
    Atomics.notify(control, AT.round);
    performAll(this.place, 0);
    let [beats, silent] = [-1, 0];
    for (;;) {
      const done = Atomics.load(control, AT.done);
      if (Atomics.load(control, AT.failed) > 0) throw new Error(`a search thread failed: ${this.failure()}`);
      if (done >= count) return;
      if (Atomics.wait(control, AT.done, done, 1000) !== 'timed-out') continue;
      const now = control.subarray(AT.beats).reduce((sum, beat) => sum + beat, 0);
      silent = now === beats ? silent + 1 : 0;
      beats = now;
      if (silent >= SILENCE_SECONDS) {
        throw new Error(`a search thread died: ${count - done} of ${count} searches never ended`);
      }
    }
  }

  /** Lets the threads end by themselves; those that are still at work are ended. */
  close(): void {
    const { control } = this.place;
    Atomics.store(control, AT.over, 1);
    Atomics.add(control, AT.round, 1);
    Atomics.notify(control, AT.round);
    const busy = Atomics.load(control, AT.done) < Atomics.load(control, AT.count);
    if (busy) for (const worker of this.workers) void worker.terminate();
  }

  private failure(): string {
    // The text comes right after the mark of failure: a moment, and it is there.
    Atomics.wait(this.place.control, AT.failed, 1, 1000);
    return new TextDecoder().decode(this.place.failure.slice()).replace(/\0.*$/s, '');
  }
}
