import { crc32 } from 'node:zlib';

/**
 * One value as one line of JSON that carries its own checksum and length: `{"crc":"…","bytes":n,"value":…}`.
 * The length tells a line that was cut short by a crash from one that was damaged later.
 */
export function frame(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value), 'utf8');
  const head = `{"crc":"${checksum(body)}","bytes":${body.length},"value":`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body, TAIL]);
}

export type Unframed =
  | { readonly kind: 'value'; readonly value: unknown; readonly end: number }
  /** The bytes end before the frame does, or the last frame of all is bad: what a crash leaves. */
  | { readonly kind: 'torn' }
  /** Bad, and there is more behind it. */
  | { readonly kind: 'damaged' };

/** Reads the frame that begins at `offset`. */
export function unframe(bytes: Buffer, offset: number): Unframed {
  const head = HEAD.exec(bytes.toString('latin1', offset, offset + LONGEST_HEAD));
  const bodyStart = offset + (head?.[0].length ?? 0);
  const end = bodyStart + Number(head?.[2] ?? 0) + TAIL.length;
  if (head !== null && end <= bytes.length) {
    const body = bytes.subarray(bodyStart, end - TAIL.length);
    const closed = bytes.subarray(end - TAIL.length, end).equals(TAIL);
    if (closed && checksum(body) === head[1]) return { kind: 'value', value: JSON.parse(body.toString('utf8')), end };
  }
  const newline = bytes.indexOf('\n', offset);
  const reachesEnd = newline === -1 || newline === bytes.length - 1;
  const closedInside = head !== null && end < bytes.length && newline >= end;
  return reachesEnd && !closedInside ? { kind: 'torn' } : { kind: 'damaged' };
}

const TAIL = Buffer.from('}\n', 'latin1');
const HEAD = /^\{"crc":"([0-9a-f]{8})","bytes":(\d{1,10}),"value":/;
const LONGEST_HEAD = 64;

function checksum(body: Buffer): string {
  return crc32(body).toString(16).padStart(8, '0');
}
