import type { Clock } from '../ports/index.js';

/** Node's timers take no longer delay than this; longer ones are slept in pieces. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The system's time. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const end = performance.now() + ms;
    for (let left = ms; left > 0 && signal?.aborted !== true; left = end - performance.now()) {
      await pause(Math.min(Math.ceil(left), LONGEST_TIMER_MS), signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
