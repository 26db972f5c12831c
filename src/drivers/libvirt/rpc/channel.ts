import type { Readable, Writable } from 'node:stream';

/** An open way to a daemon, whatever carries it. */
export interface Channel {
  readonly input: Readable;
  readonly output: Writable;
  /** Ends it at once; may be called more than once. */
  close(): void;
  /** What the carrier last said about trouble, such as ssh's error output; empty: nothing. */
  diagnosis(): string;
}
