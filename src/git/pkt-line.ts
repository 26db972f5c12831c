/** One pkt-line: four hexadecimal digits of length, then the text. */
export function pktLine(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
}

export const FLUSH = '0000';

/** The payloads of all pkt-lines, flush packets as null; null when the bytes are no sequence of pkt-lines. */
export function parsePktLines(bytes: Buffer): readonly (Buffer | null)[] | null {
  const lines: (Buffer | null)[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const head = bytes.toString('latin1', offset, offset + 4);
    if (!/^[0-9a-f]{4}$/i.test(head)) return null;
    const length = parseInt(head, 16);
    if (length === 0) lines.push(null);
    else if (length < 4 || offset + length > bytes.length) return null;
    else lines.push(bytes.subarray(offset + 4, offset + length));
    offset += Math.max(length, 4);
  }
  return lines;
}
