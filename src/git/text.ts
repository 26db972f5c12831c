import { printable, refuse } from './refuse.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a file; refuses one that is too large or not UTF-8. */
export function decodeText(content: Uint8Array, path: string, maxBytes: number): string {
  if (content.length > maxBytes) refuseLarge(path, maxBytes);
  try {
    return utf8.decode(content);
  } catch {
    return refuse('NotText', `${printable(path)} is not UTF-8 text`, { hint: 'Save the file as UTF-8.' });
  }
}

/** Refuses a file over the limit. */
export function refuseLarge(path: string, maxBytes: number): never {
  return refuse('FileTooLarge', `${printable(path)} is larger than ${maxBytes} bytes`, {
    hint: 'Split it into several files, or move it out of the source.',
  });
}
