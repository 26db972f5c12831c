import { RefusedArgument } from '../error.js';
import type { XdrReader, XdrWriter } from '../xdr.js';

const UUID_BYTES = 16;
const TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Writes a UUID given as text with hyphens. */
export function writeUuid(writer: XdrWriter, uuid: string): void {
  if (!TEXT.test(uuid)) throw new RefusedArgument('a UUID is 32 hexadecimal digits in five groups');
  writer.fixed(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
}

/** Reads a UUID as lower-case text with hyphens. */
export function readUuid(reader: XdrReader): string {
  const hex = reader.fixed(UUID_BYTES).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
