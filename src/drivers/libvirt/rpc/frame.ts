import { ProtocolViolation, RefusedArgument } from './error.js';

/** Longest frame of the protocol, its length word not counted. */
const MESSAGE_MAX = 32 * 1024 * 1024;

const LENGTH_BYTES = 4;
const HEADER_BYTES = 24;

/** What stands before the payload of every frame. */
export interface FrameHeader {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  /** `MESSAGE_TYPE` */
  readonly type: number;
  readonly serial: number;
  /** `MESSAGE_STATUS` */
  readonly status: number;
}

export interface Frame {
  readonly header: FrameHeader;
  readonly payload: Buffer;
}

export const MESSAGE_TYPE = { call: 0, reply: 1, message: 2 } as const;
export const MESSAGE_STATUS = { ok: 0, error: 1 } as const;

/** One frame: the length of the whole, six words, the payload. */
export function encodeFrame(header: FrameHeader, payload: Buffer): Buffer {
  const length = LENGTH_BYTES + HEADER_BYTES + payload.length;
  if (length > LENGTH_BYTES + MESSAGE_MAX)
    throw new RefusedArgument(`a call of ${length} bytes is too long to be sent`);
  const frame = Buffer.allocUnsafe(length);
  const { program, version, procedure, type, serial, status } = header;
  [length, program, version, procedure, type, serial, status].forEach((word, index) => {
    frame.writeUInt32BE(word, index * 4);
  });
  payload.copy(frame, LENGTH_BYTES + HEADER_BYTES);
  return frame;
}

/**
 * Cuts a stream of bytes into frames, however the bytes are split or joined. It keeps at most twice what has arrived of one frame: a
 * peer that announces a long frame makes it reserve nothing. After it has thrown `ProtocolViolation` it must not be used again.
 */
export class FrameSplitter {
  /** The beginning of a frame whose end has not come yet. */
  #partial = Buffer.alloc(0);
  #held = 0;
  /** Length of that frame; 0: not known yet. */
  #wanted = 0;

  /** Takes the next bytes and gives the frames that are complete with them; frames are views of what was pushed. */
  *push(chunk: Buffer): Generator<Frame, void, undefined> {
    let rest = chunk;
    while (rest.length > 0) {
      const whole = this.#held === 0 && rest.length >= LENGTH_BYTES ? frameLength(rest.readUInt32BE(0)) : 0;
      if (whole > 0 && rest.length >= whole) {
        yield decodeFrame(rest.subarray(0, whole));
        rest = rest.subarray(whole);
        continue;
      }
      const missing = (this.#wanted === 0 ? LENGTH_BYTES : this.#wanted) - this.#held;
      this.#append(rest.subarray(0, missing));
      rest = rest.subarray(missing);
      if (this.#wanted === 0 && this.#held === LENGTH_BYTES) this.#wanted = frameLength(this.#partial.readUInt32BE(0));
      if (this.#held === this.#wanted) yield decodeFrame(this.#taken());
    }
  }

  #append(bytes: Buffer): void {
    const held = this.#held + bytes.length;
    if (held > this.#partial.length) {
      const grown = Buffer.allocUnsafe(Math.max(held, Math.min(2 * held, this.#wanted)));
      this.#partial.copy(grown, 0, 0, this.#held);
      this.#partial = grown;
    }
    bytes.copy(this.#partial, this.#held);
    this.#held = held;
  }

  #taken(): Buffer {
    const frame = this.#partial.subarray(0, this.#held);
    this.#partial = Buffer.alloc(0);
    this.#held = 0;
    this.#wanted = 0;
    return frame;
  }
}

function frameLength(word: number): number {
  if (word < LENGTH_BYTES + HEADER_BYTES) throw new ProtocolViolation(`a frame of ${word} bytes is too short`);
  if (word > LENGTH_BYTES + MESSAGE_MAX) throw new ProtocolViolation(`a frame of ${word} bytes is too long`);
  return word;
}

function decodeFrame(bytes: Buffer): Frame {
  const word = (index: number) => bytes.readUInt32BE(LENGTH_BYTES + index * 4);
  return {
    header: {
      program: word(0),
      version: word(1),
      procedure: word(2),
      type: word(3),
      serial: word(4),
      status: word(5),
    },
    payload: bytes.subarray(LENGTH_BYTES + HEADER_BYTES),
  };
}
