import { encodeFrame, MESSAGE_STATUS, MESSAGE_TYPE } from './frame.js';
import type { Frame } from './frame.js';
import { ProtocolViolation } from './error.js';
import { KEEPALIVE_PROGRAM, PROTOCOL_VERSION } from './procedures.js';

const PING = 1;
const PONG = 2;

export interface KeepaliveOptions {
  /** How long nothing may be heard before a ping is sent, and between two pings; 0: no pings are sent. */
  readonly intervalMs: number;
  /** How many pings may stay without any answer. */
  readonly misses: number;
}

/** Answers the peer's pings, and pings a silent peer until it answers or counts as dead. */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #send: (frame: Buffer) => void;
  readonly #dead: (silentMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #missed = 0;

  constructor(options: KeepaliveOptions, send: (frame: Buffer) => void, dead: (silentMs: number) => void) {
    this.#options = options;
    this.#send = send;
    this.#dead = dead;
  }

  /** Begins to watch the peer; call it when the peer has said that it answers pings. */
  start(): void {
    if (this.#options.intervalMs <= 0 || this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#tick(), this.#options.intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Anything that comes from the peer shows that it lives. */
  heard(): void {
    this.#missed = -1;
  }

  /** Takes a frame of the keepalive program. Throws `ProtocolViolation`. */
  receive({ header, payload }: Frame): void {
    const { version, procedure, type } = header;
    const known = procedure === PING || procedure === PONG;
    if (version !== PROTOCOL_VERSION || !known || type !== MESSAGE_TYPE.message || payload.length > 0) {
      throw new ProtocolViolation('a keepalive frame that is neither ping nor pong');
    }
    if (procedure === PING) this.#send(keepaliveFrame(PONG));
  }

  #tick(): void {
    const { intervalMs, misses } = this.#options;
    this.#missed += 1;
    if (this.#missed > misses) {
      this.stop();
      this.#dead(this.#missed * intervalMs);
    } else if (this.#missed > 0) {
      this.#send(keepaliveFrame(PING));
    }
  }
}

function keepaliveFrame(procedure: number): Buffer {
  return encodeFrame(
    {
      program: KEEPALIVE_PROGRAM,
      version: PROTOCOL_VERSION,
      procedure,
      type: MESSAGE_TYPE.message,
      serial: 0,
      status: MESSAGE_STATUS.ok,
    },
    Buffer.alloc(0),
  );
}
