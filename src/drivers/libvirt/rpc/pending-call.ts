import { CallAborted, DeadlineExceeded, textOf } from './error.js';
import type { CallOptions, Lane } from './procedure.js';
import type { RpcError } from './error.js';

/** Node's timers take no longer delay than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a pending call tells whoever waits. */
export interface Waiter {
  /** Called at most once, with the payload of the answer; what it throws rejects the call. */
  readonly answer: (payload: Buffer) => void;
  readonly reject: (error: RpcError) => void;
}

/** One call from the queue to its answer. It is settled once: by the answer, a loss, its deadline or its signal. */
export class PendingCall {
  /** Whether its bytes were given to the channel. */
  sent = false;
  #settled = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #waiter: Waiter;

  constructor(
    readonly serial: number,
    readonly name: string,
    readonly procedure: number,
    readonly lane: Lane,
    readonly frame: Buffer,
    waiter: Waiter,
    options: CallOptions & { readonly deadlineMs: number },
  ) {
    this.#waiter = waiter;
    this.#signal = options.signal;
    const { deadlineMs } = options;
    if (deadlineMs <= LONGEST_TIMER_MS) {
      this.#timer = setTimeout(() => {
        this.reject(new DeadlineExceeded(`${name} was not answered within ${deadlineMs} ms`, this.sent));
      }, deadlineMs);
    }
    if (this.#signal?.aborted === true) this.#aborted();
    else this.#signal?.addEventListener('abort', this.#aborted, { once: true });
  }

  /** Whether nobody waits any more; its answer may still come. */
  get settled(): boolean {
    return this.#settled;
  }

  answer(payload: Buffer): void {
    if (this.#settle()) this.#waiter.answer(payload);
  }

  reject(error: RpcError): void {
    if (this.#settle()) this.#waiter.reject(error);
  }

  readonly #aborted = (): void => {
    const reason: unknown = this.#signal?.reason;
    this.reject(new CallAborted(`${this.name} was aborted: ${textOf(reason)}`, this.sent, { cause: reason }));
  };

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#aborted);
    return true;
  }
}
