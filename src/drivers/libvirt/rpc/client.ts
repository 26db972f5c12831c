import { LibvirtCalls } from './calls.js';
import type { EventKind } from './codecs/event.js';
import { CONNECTION_DEFAULTS } from './connection.js';
import type { ConnectionOptions } from './connection.js';
import { ConnectFailed } from './error.js';
import { Events } from './events.js';
import type { NoticeListener } from './events.js';
import { openConnection } from './open.js';
import { Reconnector } from './reconnect.js';
import type { Backoff, ConnectionState } from './reconnect.js';
import type { LibvirtUri } from '../../../connection/libvirt-uri.js';

export interface ClientOptions extends Partial<ConnectionOptions> {
  /** For everything until the daemon can be called; 10 s unless given. */
  readonly connectTimeoutMs?: number;
  readonly readOnly?: boolean;
  readonly backoff?: Partial<Backoff>;
  /** Told what a listener of events throws; a warning of the process unless given. */
  readonly reportFault?: (error: unknown) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const BACKOFF: Backoff = { firstMs: 200, longestMs: 30_000, random: Math.random };

/** A libvirt daemon that stays connected: calls, events and the state of the connection, which comes back by itself. */
export class LibvirtClient extends LibvirtCalls {
  readonly uri: LibvirtUri;
  readonly #reconnector: Reconnector;
  readonly #events: Events;
  readonly #stateListeners: Set<(state: ConnectionState) => void>;
  readonly #state: { now: ConnectionState };

  private constructor(uri: LibvirtUri, options: ClientOptions) {
    const connection: ConnectionOptions = { ...CONNECTION_DEFAULTS, ...options };
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS, readOnly = false, reportFault = warn } = options;
    const events = new Events(reportFault);
    const state: { now: ConnectionState } = { now: { kind: 'connecting' } };
    const listeners = new Set<(state: ConnectionState) => void>();
    const reconnector = new Reconnector(
      {
        open: (onMessage, signal) => openConnection(uri, { connection, connectTimeoutMs, readOnly }, onMessage, signal),
        onMessage: (procedure, payload) => events.receive(procedure, payload),
        attach: (opened, signal) => events.attach(opened, { deadlineMs: connectTimeoutMs, signal }),
        detach: () => events.detach(),
        onState: (next) => {
          state.now = next;
          for (const listener of [...listeners]) guarded(() => listener(next), reportFault);
        },
      },
      { ...BACKOFF, ...options.backoff },
      (procedure) => connection.deadlineMs[procedure.lane],
    );
    super(reconnector);
    this.uri = uri;
    this.#reconnector = reconnector;
    this.#events = events;
    this.#state = state;
    this.#stateListeners = listeners;
  }

  /** Connects now. Rejects with `ConnectFailed`; what is connected once comes back by itself. */
  static async open(uri: LibvirtUri, options: ClientOptions = {}): Promise<LibvirtClient> {
    const client = new LibvirtClient(uri, options);
    const error = await client.#reconnector.start();
    if (error === null) return client;
    await client.close();
    throw error instanceof ConnectFailed ? error : new ConnectFailed(error.message, '', { cause: error });
  }

  /** Begins to connect and goes on trying; calls wait for the connection within their deadlines. */
  static start(uri: LibvirtUri, options: ClientOptions = {}): LibvirtClient {
    const client = new LibvirtClient(uri, options);
    void client.#reconnector.start();
    return client;
  }

  get state(): ConnectionState {
    return this.#state.now;
  }

  /** Tells each change of the connection's state; the returned function ends that. */
  onState(listener: (state: ConnectionState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  /**
   * Listens to kinds of events, of all domains and devices, until the returned function is called. After a connection was lost, and
   * for who subscribes before the first, the notice `resync` says that everything has to be read again.
   */
  subscribe(kinds: readonly EventKind[], listener: NoticeListener): Promise<() => void> {
    return this.#events.subscribe(kinds, listener);
  }

  /** Ends the connection for good. Never rejects. */
  close(): Promise<void> {
    return this.#reconnector.close();
  }
}

function guarded(run: () => void, reportFault: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    reportFault(error);
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)));
}
