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
 * Cuts a stream of bytes into frames, however the bytes are split or joined. It keeps what has arrived and no more: a peer that
 * announces a long frame makes it reserve nothing. After it has thrown `ProtocolViolation` it must not be used again.
 */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #held = 0;
  /** Length of the frame under way; 0: not known yet. */
  #wanted = 0;

  /** Takes the next bytes and gives the frames that are complete with them. */
  *push(chunk: Buffer): Generator<Frame, void, undefined> {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    while (this.#held >= LENGTH_BYTES) {
      if (this.#wanted === 0) this.#wanted = frameLength(this.#joined().readUInt32BE(0));
      if (this.#held < this.#wanted) return;
      const bytes = this.#joined();
      const rest = bytes.subarray(this.#wanted);
      const frame = bytes.subarray(0, this.#wanted);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#held = rest.length;
      this.#wanted = 0;
      yield decodeFrame(frame);
    }
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const joined = Buffer.concat(this.#chunks, this.#held);
    this.#chunks = [joined];
    return joined;
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
