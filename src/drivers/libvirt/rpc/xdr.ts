import { ProtocolViolation, RefusedArgument } from './error.js';

/** Longest text of the protocol, in bytes. */
export const STRING_MAX = 4 * 1024 * 1024;

const INITIAL_BYTES = 256;

/** Numbers and texts in the external data representation (RFC 4506): big endian, everything padded to four bytes. */
export class XdrWriter {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;

  int(value: number): void {
    if (!Number.isInteger(value) || value < -0x80000000 || value > 0x7fffffff) {
      throw new RefusedArgument(`${value} is no 32-bit integer`);
    }
    const start = this.#grow(4);
    this.#bytes.writeInt32BE(value, start);
  }

  uint(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
      throw new RefusedArgument(`${value} is no unsigned 32-bit integer`);
    }
    const start = this.#grow(4);
    this.#bytes.writeUInt32BE(value, start);
  }

  hyper(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new RefusedArgument(`${value.toString()} is no 64-bit integer`);
    const start = this.#grow(8);
    this.#bytes.writeBigInt64BE(value, start);
  }

  uhyper(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) {
      throw new RefusedArgument(`${value.toString()} is no unsigned 64-bit integer`);
    }
    const start = this.#grow(8);
    this.#bytes.writeBigUInt64BE(value, start);
  }

  double(value: number): void {
    const start = this.#grow(8);
    this.#bytes.writeDoubleBE(value, start);
  }

  /** Bytes whose number the reader knows. */
  fixed(value: Buffer): void {
    const padded = value.length + padding(value.length);
    const start = this.#grow(padded);
    value.copy(this.#bytes, start);
    this.#bytes.fill(0, start + value.length, start + padded);
  }

  opaque(value: Buffer): void {
    this.uint(value.length);
    this.fixed(value);
  }

  /** A text; one with a NUL is refused, because the daemon would take it for its beginning. */
  string(value: string): void {
    if (value.includes('\0')) throw new RefusedArgument('a text with a NUL character cannot be sent');
    const bytes = Buffer.from(value, 'utf8');
    if (bytes.length > STRING_MAX) throw new RefusedArgument(`a text of ${bytes.length} bytes is too long to be sent`);
    this.opaque(bytes);
  }

  optional<T>(value: T | null | undefined, write: (value: T) => void): void {
    this.uint(value === null || value === undefined ? 0 : 1);
    if (value !== null && value !== undefined) write(value);
  }

  list<T>(values: readonly T[], max: number, write: (value: T) => void): void {
    if (values.length > max) throw new RefusedArgument(`a list of ${values.length} is too long: at most ${max}`);
    this.uint(values.length);
    for (const value of values) write(value);
  }

  /** What was written so far; the writer must not be used afterwards. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Makes room, perhaps in other bytes than before, and answers where it begins. */
  #grow(by: number): number {
    const start = this.#length;
    if (start + by > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, start + by));
      this.#bytes.copy(grown, 0, 0, start);
      this.#bytes = grown;
    }
    this.#length = start + by;
    return start;
  }
}

/** Reads what `XdrWriter` writes. Whatever the bytes are, it answers with a value or throws `ProtocolViolation`. */
export class XdrReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  hyper(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  uhyper(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  /** An unsigned 64-bit number as a double: exact up to 2^53, rounded to the nearest above. */
  count(): number {
    return Number(this.uhyper());
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  fixed(length: number): Buffer {
    const start = this.#take(length + padding(length));
    return this.#bytes.subarray(start, start + length);
  }

  opaque(max: number): Buffer {
    const length = this.uint();
    if (length > max) throw new ProtocolViolation(`${length} bytes where at most ${max} may stand`);
    return this.fixed(length);
  }

  /** A text; bytes that are no UTF-8 become U+FFFD, because a guest or QEMU can put any bytes into a message. */
  string(): string {
    return this.opaque(STRING_MAX).toString('utf8');
  }

  optional<T>(read: () => T): T | null {
    const present = this.uint();
    if (present > 1) throw new ProtocolViolation(`${present} where 0 or 1 says whether a value follows`);
    return present === 1 ? read() : null;
  }

  optionalString(): string | null {
    return this.optional(() => this.string());
  }

  /** A list whose items take at least `leastBytes` each: a count that the message cannot hold is refused before anything is kept. */
  list<T>(max: number, leastBytes: number, read: () => T): T[] {
    const length = this.uint();
    if (length > max) throw new ProtocolViolation(`a list of ${length} where at most ${max} may stand`);
    if (length * leastBytes > this.#bytes.length - this.#position) {
      throw new ProtocolViolation(`a list of ${length} in a message that ends before`);
    }
    const values: T[] = [];
    for (let index = 0; index < length; index++) values.push(read());
    return values;
  }

  /** Throws when something is left. */
  end(): void {
    const left = this.#bytes.length - this.#position;
    if (left > 0) throw new ProtocolViolation(`${left} bytes are left after the message`);
  }

  #take(length: number): number {
    const start = this.#position;
    if (start + length > this.#bytes.length) throw new ProtocolViolation('the message ends too early');
    this.#position = start + length;
    return start;
  }
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
