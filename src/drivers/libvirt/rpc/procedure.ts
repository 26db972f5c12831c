import { XdrReader, XdrWriter } from './xdr.js';

/**
 * How a call is queued. A daemon works on few calls of one connection at a time (five, unless configured) and reads nothing more until
 * one of them is answered, not even keepalive pings. So migrations (`long`) and calls that change something (`slow`) are let through
 * few at a time, and those that observe or end other calls (`quick`) always find room.
 */
export type Lane = 'quick' | 'slow' | 'long';

/** One call of the protocol: its number, and how its arguments and its answer look. */
export interface Procedure<Args, Answer> {
  readonly name: string;
  readonly number: number;
  readonly lane: Lane;
  readonly write: (writer: XdrWriter, args: Args) => void;
  readonly read: (reader: XdrReader) => Answer;
}

export interface CallOptions {
  /** How long to wait for the answer, time in the queue included; infinity: for ever. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** Whatever carries out calls. */
export interface Caller {
  call<Args, Answer>(procedure: Procedure<Args, Answer>, args: Args, options?: CallOptions): Promise<Answer>;
}

/** The arguments as bytes. Throws `RefusedArgument`. */
export function encodeArguments<Args>(procedure: Procedure<Args, unknown>, args: Args): Buffer {
  const writer = new XdrWriter();
  procedure.write(writer, args);
  return writer.bytes();
}

/** The answer from bytes, all of them. Throws `ProtocolViolation`. */
export function decodeWhole<Answer>(bytes: Buffer, read: (reader: XdrReader) => Answer): Answer {
  const reader = new XdrReader(bytes);
  const answer = read(reader);
  reader.end();
  return answer;
}

/** For calls without arguments, or without an answer. */
export const nothing = (): void => undefined;
