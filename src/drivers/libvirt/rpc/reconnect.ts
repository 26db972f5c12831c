import { closeConnection } from './open.js';
import type { Connection, MessageListener } from './connection.js';
import { CallAborted, ConnectionLost, DeadlineExceeded, textOf } from './error.js';
import type { Caller, CallOptions, Procedure } from './procedure.js';
import { msLeft } from './time-left.js';

/** When the next attempt follows a failed one: the first delay, doubled each time up to the longest, and then halved at most, at random. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
  /** From 0 to 1, so that many clients do not come back at once. */
  readonly random: () => number;
}

/** How the connection stands. */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'down'; readonly error: Error; readonly retryInMs: number }
  | { readonly kind: 'closed' };

export interface ReconnectHooks {
  /** Opens a connection. */
  readonly open: (onMessage: MessageListener, signal: AbortSignal) => Promise<Connection>;
  /** Takes what a connection sends of its own accord. */
  readonly onMessage: MessageListener;
  /** Prepares a new connection before calls go over it. */
  readonly attach: (connection: Connection, signal: AbortSignal) => Promise<void>;
  readonly detach: () => void;
  readonly onState: (state: ConnectionState) => void;
}

/**
 * One connection after the other. A call that finds none waits for the next, within its deadline; a call that was under way when a
 * connection ended is rejected and never made again, because nobody knows whether it has had its effect.
 */
export class Reconnector implements Caller {
  readonly #hooks: ReconnectHooks;
  readonly #backoff: Backoff;
  readonly #defaultDeadlineMs: (procedure: Procedure<never, unknown>) => number;
  readonly #stop = new AbortController();
  #connection: Connection | null = null;
  #waiters = new Set<() => void>();
  #lastError: Error = new Error('no attempt has been made yet');

  constructor(
    hooks: ReconnectHooks,
    backoff: Backoff,
    defaultDeadlineMs: (procedure: Procedure<never, unknown>) => number,
  ) {
    this.#hooks = hooks;
    this.#backoff = backoff;
    this.#defaultDeadlineMs = defaultDeadlineMs;
  }

  /** Connects, and again whenever the connection ends, until `close`. Resolves with the error of the first attempt, null: it worked. */
  start(): Promise<Error | null> {
    return new Promise((resolve) => void this.#run(resolve));
  }

  async call<Args, Answer>(procedure: Procedure<Args, Answer>, args: Args, options: CallOptions = {}): Promise<Answer> {
    const open = this.#connection;
    if (open !== null) return open.call(procedure, args, options);
    const began = performance.now();
    const deadlineMs = options.deadlineMs ?? this.#defaultDeadlineMs(procedure);
    const connection = await this.#next(procedure.name, deadlineMs, options.signal);
    return connection.call(procedure, args, { ...options, deadlineMs: msLeft(deadlineMs, began) });
  }

  /** Ends the connection, politely where there is one, and makes no other. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    if (this.#connection !== null) await closeConnection(this.#connection);
  }

  async #run(firstAttempt: (error: Error | null) => void): Promise<void> {
    const { signal } = this.#stop;
    let failures = 0;
    while (!isAborted(signal)) {
      this.#hooks.onState({ kind: 'connecting' });
      const connection = await this.#attempt(signal);
      firstAttempt(connection === null ? this.#lastError : null);
      if (connection !== null) {
        failures = 0;
        this.#connection = connection;
        this.#hooks.onState({ kind: 'connected' });
        this.#wake();
        this.#lastError = await connection.closed;
        this.#connection = null;
        this.#hooks.detach();
      }
      const retryInMs = this.#delayMs(failures++);
      if (isAborted(signal)) break;
      this.#hooks.onState({ kind: 'down', error: this.#lastError, retryInMs });
      await pause(retryInMs, signal);
    }
    this.#hooks.onState({ kind: 'closed' });
  }

  async #attempt(signal: AbortSignal): Promise<Connection | null> {
    let connection: Connection | null = null;
    try {
      connection = await this.#hooks.open(this.#hooks.onMessage, signal);
      await this.#hooks.attach(connection, signal);
      if (!signal.aborted) return connection;
    } catch (error) {
      this.#lastError = error instanceof Error ? error : new Error(textOf(error));
    }
    this.#hooks.detach();
    connection?.close();
    return null;
  }

  #delayMs(failures: number): number {
    const { firstMs, longestMs, random } = this.#backoff;
    return Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30)) * (0.5 + random() / 2);
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  #next(name: string, deadlineMs: number, signal: AbortSignal | undefined): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.#waiters.delete(wake);
      };
      const wake = (): void => {
        const connection = this.#connection;
        if (signal?.aborted === true) {
          settle();
          reject(new CallAborted(`${name} was aborted: ${textOf(signal.reason)}`, false, { cause: signal.reason }));
        } else if (this.#stop.signal.aborted) {
          settle();
          reject(new ConnectionLost(`${name}: the client was closed`, false));
        } else if (connection !== null) {
          settle();
          resolve(connection);
        }
      };
      const timer = setTimeout(
        () => {
          settle();
          const text = `${name}: no connection within ${deadlineMs} ms: ${this.#lastError.message}`;
          reject(new DeadlineExceeded(text, false));
        },
        Math.min(deadlineMs, 2 ** 31 - 1),
      );
      signal?.addEventListener('abort', wake, { once: true });
      this.#waiters.add(wake);
      wake();
    });
  }
}

/** Asked anew each time: awaiting changes it. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
