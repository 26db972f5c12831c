import type { Channel } from './channel.js';
import { readFailure } from './codecs/failure.js';
import { ConnectionLost, ProtocolViolation, RefusedArgument, textOf } from './error.js';
import type { RpcError } from './error.js';
import { encodeFrame, FrameSplitter, MESSAGE_STATUS, MESSAGE_TYPE } from './frame.js';
import type { Frame } from './frame.js';
import { Keepalive } from './keepalive.js';
import type { KeepaliveOptions } from './keepalive.js';
import { PendingCall } from './pending-call.js';
import { decodeWhole, encodeArguments } from './procedure.js';
import type { Caller, CallOptions, Lane, Procedure } from './procedure.js';
import { KEEPALIVE_PROGRAM, PROTOCOL_VERSION, REMOTE_PROGRAM } from './procedures.js';
import { Queue } from './queue.js';

export interface ConnectionOptions {
  readonly keepalive: KeepaliveOptions;
  /** How many calls of each lane may be without an answer; the others wait here. */
  readonly inFlight: Readonly<Record<Lane, number>>;
  /** Deadlines of calls that give none. */
  readonly deadlineMs: Readonly<Record<Lane, number>>;
}

export const CONNECTION_DEFAULTS: ConnectionOptions = {
  keepalive: { intervalMs: 5000, misses: 5 },
  // A daemon works on five calls of a connection at once: four that take their time leave room for one more, and so for pings.
  inFlight: { quick: 16, slow: 2, long: 2 },
  deadlineMs: { quick: 30_000, slow: 120_000, long: 3_600_000 },
};

/** No keepalive frames are added to more than this that the daemon has not read. */
const KEEPALIVE_BACKLOG_BYTES = 1024 * 1024;

/** Why a connection has ended. */
export type ConnectionEnd = ConnectionLost | ProtocolViolation;

/** Takes an event that the daemon sent: the number of the message and its bytes. It may throw `ProtocolViolation`. */
export type MessageListener = (procedure: number, payload: Buffer) => void;

/**
 * Calls over one channel, answered in any order. Whatever happens to the channel, every call is settled: by its answer, its
 * deadline, its signal, or the end of the connection. A connection that has ended stays ended.
 */
export class Connection implements Caller {
  /** Resolves when the connection has ended, with the reason. */
  readonly closed: Promise<ConnectionEnd>;
  readonly #channel: Channel;
  readonly #options: ConnectionOptions;
  readonly #splitter = new FrameSplitter();
  readonly #keepalive: Keepalive;
  readonly #onMessage: MessageListener;
  readonly #pending = new Map<number, PendingCall>();
  readonly #queue: Queue;
  #tellClosed: (end: ConnectionEnd) => void = () => undefined;
  #serial = 0;
  #end: ConnectionEnd | null = null;

  constructor(channel: Channel, options: ConnectionOptions, onMessage: MessageListener) {
    this.#channel = channel;
    this.#options = options;
    this.#onMessage = onMessage;
    this.#queue = new Queue(options.inFlight, (call) => this.#send(call));
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
    this.#keepalive = new Keepalive(
      options.keepalive,
      (frame) => {
        // A daemon that pings and does not read would fill this side's memory with answers.
        if (channel.output.writableLength < KEEPALIVE_BACKLOG_BYTES) this.#write(frame);
      },
      (silentMs) => this.#fail(this.#lost(`nothing was heard from the daemon for ${silentMs} ms`)),
    );
    channel.input.on('data', (chunk: Buffer) => this.#receive(chunk));
    channel.input.on('end', () => this.#fail(this.#lost('the daemon closed the connection')));
    for (const stream of new Set([channel.input, channel.output])) {
      stream.on('close', () => this.#fail(this.#lost('the connection was closed')));
      stream.on('error', (error) => this.#fail(this.#lost(textOf(error), error)));
      if (stream.destroyed) this.#fail(this.#lost('the connection was closed'));
    }
  }

  call<Args, Answer>(procedure: Procedure<Args, Answer>, args: Args, options: CallOptions = {}): Promise<Answer> {
    if (this.#end !== null) return Promise.reject(notDelivered(this.#end));
    const serial = this.#nextSerial();
    let frame: Buffer;
    try {
      frame = encodeFrame(callHeader(procedure.number, serial), encodeArguments(procedure, args));
    } catch (error) {
      if (error instanceof RefusedArgument) return Promise.reject(error);
      throw error;
    }
    const deadlineMs = options.deadlineMs ?? this.#options.deadlineMs[procedure.lane];
    return new Promise((resolve, reject) => {
      const answer = (payload: Buffer): void => {
        try {
          resolve(decodeWhole(payload, procedure.read));
        } catch (error) {
          reject(violation(error));
          throw error;
        }
      };
      const { name, number, lane } = procedure;
      this.#queue.add(
        new PendingCall(serial, name, number, lane, frame, { answer, reject }, { ...options, deadlineMs }),
      );
    });
  }

  /** Begins to ping the daemon; call it when the daemon has said that it answers pings. */
  watchPeer(): void {
    if (this.#end === null) this.#keepalive.start();
  }

  /** Ends the connection at once; calls that wait are rejected with `ConnectionLost`. */
  close(reason = 'the connection was closed by this side'): void {
    this.#fail(this.#lost(reason));
  }

  #nextSerial(): number {
    do this.#serial = this.#serial >= 0xffffffff ? 1 : this.#serial + 1;
    while (this.#pending.has(this.#serial));
    return this.#serial;
  }

  #send(call: PendingCall): void {
    call.sent = true;
    this.#pending.set(call.serial, call);
    this.#write(call.frame);
  }

  #write(frame: Buffer): void {
    if (this.#end === null && this.#channel.output.writable) this.#channel.output.write(frame);
  }

  #receive(chunk: Buffer): void {
    if (this.#end !== null) return;
    this.#keepalive.heard();
    try {
      for (const frame of this.#splitter.push(chunk)) {
        this.#dispatch(frame);
        if (this.#ended()) return;
      }
    } catch (error) {
      this.#fail(violation(error));
    }
  }

  #ended(): boolean {
    return this.#end !== null;
  }

  #dispatch(frame: Frame): void {
    const { program, version, procedure, type } = frame.header;
    if (program === KEEPALIVE_PROGRAM) {
      this.#keepalive.receive(frame);
      return;
    }
    if (program !== REMOTE_PROGRAM) throw new ProtocolViolation(`a frame of the unknown program ${program}`);
    if (version !== PROTOCOL_VERSION) throw new ProtocolViolation(`a frame of the unknown version ${version}`);
    if (type === MESSAGE_TYPE.message) this.#onMessage(procedure, frame.payload);
    else if (type === MESSAGE_TYPE.reply) this.#reply(frame);
    else throw new ProtocolViolation(`a frame of the unexpected type ${type}`);
  }

  #reply({ header: { procedure, serial, status }, payload }: Frame): void {
    const call = this.#pending.get(serial);
    if (call === undefined) throw new ProtocolViolation(`an answer to call ${serial}, which nobody made`);
    if (call.procedure !== procedure) {
      throw new ProtocolViolation(`an answer of procedure ${procedure} to a call of ${call.procedure}`);
    }
    if (status !== MESSAGE_STATUS.ok && status !== MESSAGE_STATUS.error) {
      throw new ProtocolViolation(`an answer with the unexpected status ${status}`);
    }
    this.#queue.answered(call.lane);
    if (status === MESSAGE_STATUS.error) call.reject(decodeWhole(payload, readFailure));
    else call.answer(payload);
    // Only now: what cannot be decoded ends the connection, and that rejects the calls which are still pending.
    this.#pending.delete(serial);
    this.#queue.pump();
  }

  #lost(message: string, cause?: unknown): ConnectionLost {
    const diagnosis = this.#channel.diagnosis();
    return new ConnectionLost(diagnosis === '' ? message : `${message}: ${diagnosis}`, true, { cause });
  }

  #fail(end: ConnectionEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#keepalive.stop();
    this.#channel.close();
    for (const call of this.#pending.values()) call.reject(end);
    this.#pending.clear();
    for (const call of this.#queue.drain()) call.reject(notDelivered(end));
    this.#tellClosed(end);
  }
}

function callHeader(procedure: number, serial: number) {
  const { call: type } = MESSAGE_TYPE;
  return { program: REMOTE_PROGRAM, version: PROTOCOL_VERSION, procedure, type, serial, status: MESSAGE_STATUS.ok };
}

function violation(error: unknown): ProtocolViolation {
  return error instanceof ProtocolViolation ? error : new ProtocolViolation(textOf(error), { cause: error });
}

function notDelivered(end: RpcError): ConnectionLost {
  return new ConnectionLost(`the connection has ended: ${end.message}`, false, { cause: end });
}
