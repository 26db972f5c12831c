import type { Clock } from '../ports/index.js';

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Turns of the event loop without a new sleeper after which nothing else is going on. */
const IDLE_TURNS = 2;

/**
 * Time that stands still while there is work and jumps to the next sleeper when the event loop is idle, so that a simulated
 * hour takes no time. Sleepers wake one by one, by time and then by insertion, so that a run repeats exactly.
 * Idle means idle turns of the loop: work that waits for real input or output (a socket) looks idle, so what runs beside
 * sleepers must do its input and output synchronously.
 */
export class VirtualClock implements Clock {
  readonly #pace: number | null;
  #now: number;
  #order = 0;
  #sleepers: Sleeper[] = [];
  #waiting: { cancel(): void } | null = null;

  /** `start` in epoch milliseconds; `pace` in virtual seconds a real second, for people who watch: without it jumps take no time. */
  constructor(start: number, options: { readonly pace?: number } = {}) {
    this.#now = start;
    this.#pace = options.pace ?? null;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', cancel);
        resolve();
      };
      const sleeper = { at: this.#now + Math.max(0, ms), order: this.#order++, wake };
      const cancel = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        this.#watch();
        wake();
      };
      signal?.addEventListener('abort', cancel);
      const after = this.#sleepers.findIndex((other) => other.at > sleeper.at);
      this.#sleepers.splice(after < 0 ? this.#sleepers.length : after, 0, sleeper);
      this.#watch();
    });
  }

  /** Waits for idle turns, counting from now; what was waited for before is forgotten. */
  #watch(): void {
    this.#waiting?.cancel();
    this.#waiting = this.#sleepers.length === 0 ? null : this.#turn(IDLE_TURNS);
  }

  #turn(left: number): { cancel(): void } {
    const immediate = setImmediate(() => {
      this.#waiting = left > 1 ? this.#turn(left - 1) : this.#beforeJump();
    });
    return { cancel: () => clearImmediate(immediate) };
  }

  #beforeJump(): { cancel(): void } | null {
    const next = this.#sleepers[0];
    const delta = next === undefined ? 0 : next.at - this.#now;
    if (this.#pace === null || delta <= 0) {
      this.#jump();
      return this.#waiting;
    }
    const timer = setTimeout(() => this.#jump(), delta / this.#pace);
    return { cancel: () => clearTimeout(timer) };
  }

  #jump(): void {
    this.#waiting = null;
    const next = this.#sleepers.shift();
    if (next === undefined) return;
    this.#now = Math.max(this.#now, next.at);
    next.wake();
    this.#watch();
  }
}
