import { PassThrough } from 'node:stream';
import type { Channel } from '../../../../src/drivers/libvirt/rpc/channel.js';
import { Connection, CONNECTION_DEFAULTS } from '../../../../src/drivers/libvirt/rpc/connection.js';
import type { ConnectionOptions, MessageListener } from '../../../../src/drivers/libvirt/rpc/connection.js';
import { encodeFrame, FrameSplitter } from '../../../../src/drivers/libvirt/rpc/frame.js';
import type { Frame, FrameHeader } from '../../../../src/drivers/libvirt/rpc/frame.js';
import type { Procedure } from '../../../../src/drivers/libvirt/rpc/procedure.js';
import { REMOTE_PROGRAM } from '../../../../src/drivers/libvirt/rpc/procedures.js';
import { XdrWriter } from '../../../../src/drivers/libvirt/rpc/xdr.js';

/** The other end of a channel, played by a test: it sees what the client sends, and sends whatever the test wants. */
export class Peer {
  readonly channel: Channel;
  readonly received: Frame[] = [];
  closed = false;
  readonly #toClient = new PassThrough();
  readonly #splitter = new FrameSplitter();
  #told: () => void = () => undefined;

  constructor() {
    const fromClient = new PassThrough();
    fromClient.on('data', (chunk: Buffer) => {
      this.received.push(...this.#splitter.push(chunk));
      this.#told();
    });
    this.channel = {
      input: this.#toClient,
      output: fromClient,
      close: () => {
        this.closed = true;
      },
      diagnosis: () => '',
    };
  }

  /** A connection over this peer; events go to `onMessage`. */
  connect(options: Partial<ConnectionOptions> = {}, onMessage: MessageListener = () => undefined): Connection {
    return new Connection(this.channel, { ...CONNECTION_DEFAULTS, ...options }, onMessage);
  }

  /** Resolves with the first `count` frames that the client has sent. */
  async frames(count: number): Promise<readonly Frame[]> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    }
    return this.received.slice(0, count);
  }

  send(bytes: Buffer): void {
    this.#toClient.write(bytes);
  }

  /** Answers the client's frame number `index`. */
  async answer(index: number, write: (writer: XdrWriter) => void = () => undefined): Promise<void> {
    const frames = await this.frames(index + 1);
    const header = frames[index]?.header;
    if (header !== undefined) this.send(replyTo(header, write));
  }

  end(): void {
    this.#toClient.end();
  }

  fail(error: Error): void {
    this.#toClient.destroy(error);
  }
}

/** A reply as a daemon sends it. */
export function replyTo(call: FrameHeader, write: (writer: XdrWriter) => void, status = 0): Buffer {
  const writer = new XdrWriter();
  write(writer);
  return encodeFrame({ ...call, type: call.type === 0 ? 1 : call.type, status }, writer.bytes());
}

/** An event as a daemon sends it. */
export function message(procedure: number, write: (writer: XdrWriter) => void): Buffer {
  return replyTo({ program: REMOTE_PROGRAM, version: 1, procedure, type: 2, serial: 0, status: 0 }, write);
}

/** The body of an error, as daemons send it. */
export function writeFailure(writer: XdrWriter, code: number, text: string): void {
  writer.int(code);
  writer.int(10);
  writer.optional(text, (given) => writer.string(given));
  writer.int(2);
  for (let absent = 0; absent < 4; absent++) writer.uint(0);
  writer.int(0);
  writer.int(0);
  writer.uint(0);
}

/** Calls of the tests: a number goes, its echo comes. */
export const echo: Procedure<number, number> = {
  name: 'echo',
  number: 9000,
  lane: 'quick',
  write: (w, value) => w.int(value),
  read: (r) => r.int(),
};
export const slowEcho: Procedure<number, number> = { ...echo, name: 'slowEcho', number: 9001, lane: 'slow' };
