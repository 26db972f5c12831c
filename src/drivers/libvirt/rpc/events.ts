import { eventDeregister, eventReaderOf, eventRegister } from './codecs/event.js';
import type { EventKind, LibvirtEvent } from './codecs/event.js';
import { decodeWhole } from './procedure.js';
import type { Caller, CallOptions } from './procedure.js';

/** An event, or the notice that events may have been missed and everything has to be read again. */
export type Notice = LibvirtEvent | { readonly kind: 'resync' };

export type NoticeListener = (notice: Notice) => void;

interface Subscriber {
  readonly kinds: ReadonlySet<EventKind>;
  readonly listener: NoticeListener;
}

/**
 * Who wants which events of one daemon. The daemon is asked once a kind, for all domains; subscribers outlive connections:
 * `attach` asks a new connection for all kinds again and tells every subscriber to resync.
 */
export class Events {
  readonly #reportFault: (error: unknown) => void;
  readonly #subscribers = new Set<Subscriber>();
  #registered = new Map<EventKind, Promise<number>>();
  #caller: Caller | null = null;

  /** `reportFault` is told what a listener throws: that is a bug of the listener, and no reason to end a connection. */
  constructor(reportFault: (error: unknown) => void) {
    this.#reportFault = reportFault;
  }

  /** Asks a new connection for all kinds that somebody wants. Rejects when the daemon refuses one. */
  async attach(caller: Caller, options: CallOptions = {}): Promise<void> {
    this.#caller = caller;
    this.#registered = new Map();
    const kinds = new Set([...this.#subscribers].flatMap((subscriber) => [...subscriber.kinds]));
    await Promise.all([...kinds].map((kind) => this.#register(caller, kind, options)));
    for (const subscriber of [...this.#subscribers]) this.#tell(subscriber, { kind: 'resync' });
  }

  /** Forgets the connection, which has ended. */
  detach(): void {
    this.#caller = null;
    this.#registered = new Map();
  }

  /** Listens to kinds of events until the returned function is called. Rejects when the daemon refuses one of them. */
  async subscribe(kinds: readonly EventKind[], listener: NoticeListener): Promise<() => void> {
    const subscriber = { kinds: new Set(kinds), listener };
    this.#subscribers.add(subscriber);
    const caller = this.#caller;
    try {
      if (caller !== null) await Promise.all(kinds.map((kind) => this.#register(caller, kind, {})));
    } catch (error) {
      // When the connection was lost meanwhile, the next one is asked.
      if (this.#caller === caller) {
        this.#unsubscribe(subscriber);
        throw error;
      }
    }
    return () => this.#unsubscribe(subscriber);
  }

  /** Takes a message of the daemon. Throws `ProtocolViolation` when it cannot be read. */
  receive(procedure: number, payload: Buffer): void {
    const read = eventReaderOf(procedure);
    if (read === null) return;
    const event = decodeWhole(payload, read);
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.kinds.has(event.kind)) this.#tell(subscriber, event);
    }
  }

  #register(caller: Caller, kind: EventKind, options: CallOptions): Promise<number> {
    const known = this.#registered.get(kind);
    if (known !== undefined) return known;
    const asked = caller.call(eventRegister(kind), undefined, options);
    this.#registered.set(kind, asked);
    asked.catch(() => {
      if (this.#registered.get(kind) === asked) this.#registered.delete(kind);
    });
    return asked;
  }

  #unsubscribe(subscriber: Subscriber): void {
    if (!this.#subscribers.delete(subscriber)) return;
    const caller = this.#caller;
    for (const kind of subscriber.kinds) {
      const registered = this.#registered.get(kind);
      if (caller === null || registered === undefined || this.#isWanted(kind)) continue;
      this.#registered.delete(kind);
      // What fails here leaves events that nobody listens to, until the connection ends.
      registered.then((number) => caller.call(eventDeregister(kind), number)).catch(() => undefined);
    }
  }

  #isWanted(kind: EventKind): boolean {
    return [...this.#subscribers].some((subscriber) => subscriber.kinds.has(kind));
  }

  #tell({ listener }: Subscriber, notice: Notice): void {
    try {
      listener(notice);
    } catch (error) {
      this.#reportFault(error);
    }
  }
}
