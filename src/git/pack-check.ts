import { inflateSync } from 'node:zlib';
import { parsePktLines } from './pkt-line.js';
import { refuse } from './refuse.js';
import type { RepositoryLimits } from './limits.js';

/** What all objects of a pack together may unpack to, as a multiple of the largest pack. */
const UNPACKED_RATIO = 8;

/**
 * Refuses the answer of `git-upload-pack` when an object in its pack unpacks to more than the limits. A few kilobytes can stand for gigabytes, and the library
 * unpacks whatever it gets. `shown` names the server. An answer without a sound pack is left to the library, which refuses it.
 */
export function checkPack(answer: Buffer, limits: RepositoryLimits, shown: string): void {
  const bands = (parsePktLines(answer) ?? []).flatMap((line) => (line?.[0] === 1 ? [line.subarray(1)] : []));
  const pack = Buffer.concat(bands);
  if (pack.toString('latin1', 0, 4) !== 'PACK') return;
  const count = pack.readUInt32BE(8);
  let offset = 12;
  let total = 0;
  for (let n = 0; n < count; n++) {
    const object = unpackedSize(pack, offset, limits.objectBytes);
    if (object === null) return;
    total += object.bytes;
    if (object.bytes > limits.objectBytes) {
      refuse('ObjectTooLarge', `${shown} sends an object of more than ${limits.objectBytes} bytes`, {
        hint: 'Keep large files out of the repository of the cluster.',
      });
    }
    if (total > limits.packBytes * UNPACKED_RATIO) {
      refuse('PackTooLarge', `${shown} sends objects of more than ${limits.packBytes * UNPACKED_RATIO} bytes together`);
    }
    offset = object.end;
  }
}

const OFS_DELTA = 6;
const REF_DELTA = 7;

/** Bytes of one object (of a delta: those of its result), and where the next one begins. Null when the pack is broken there. */
function unpackedSize(
  pack: Buffer,
  start: number,
  maxBytes: number,
): { readonly bytes: number; readonly end: number } | null {
  const header = varint(pack, start, 4);
  const type = ((pack[start] ?? 0) >> 4) & 7;
  if (header.value > maxBytes) return { bytes: header.value, end: header.end };
  let data = header.end;
  if (type === REF_DELTA) data += 20;
  if (type === OFS_DELTA) data = varint(pack, data, 7).end;
  const inflated = inflate(pack.subarray(data), maxBytes);
  if (inflated === null) return null;
  if (inflated.content.length > maxBytes) return { bytes: inflated.content.length, end: data };
  const isDelta = type === OFS_DELTA || type === REF_DELTA;
  const result = isDelta ? varint(inflated.content, varint(inflated.content, 0, 7).end, 7).value : 0;
  return { bytes: Math.max(inflated.content.length, result), end: data + inflated.consumed };
}

/** A number of seven bits a byte, lowest first; its first byte holds only `firstBits`. */
function varint(bytes: Buffer, start: number, firstBits: number): { readonly value: number; readonly end: number } {
  let value = (bytes[start] ?? 0) & (2 ** firstBits - 1);
  let scale = 2 ** firstBits;
  let end = start;
  while (((bytes[end] ?? 0) & 0x80) !== 0) {
    end++;
    value += ((bytes[end] ?? 0) & 0x7f) * scale;
    scale *= 128;
  }
  return { value, end: end + 1 };
}

/** Null when the bytes are no zlib stream; one byte more than `maxBytes` stands for a longer content. */
function inflate(bytes: Buffer, maxBytes: number): { readonly content: Buffer; readonly consumed: number } | null {
  try {
    const { buffer, engine } = inflateSync(bytes, { info: true, maxOutputLength: maxBytes }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return { content: buffer, consumed: engine.bytesWritten };
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return tooLong ? { content: Buffer.alloc(maxBytes + 1), consumed: 0 } : null;
  }
}
