import type { XmlElement } from '../xml/index.js';
import { attr, text } from '../xml/index.js';

/** A whole number from 0 in decimal digits, or in hexadecimal ones after `0x`; null for anything else. */
export function wholeNumber(written: string | null): number | null {
  const digits = written?.trim() ?? '';
  if (/^0x[0-9a-f]{1,13}$/i.test(digits)) return Number.parseInt(digits, 16);
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}

/** Bytes in a unit as libvirt writes them; it never differs by case, but for `b`. */
const BYTES = new Map<string, number>([
  ['b', 1],
  ['bytes', 1],
  ...['k', 'm', 'g', 't'].flatMap((letter, index): (readonly [string, number])[] => [
    [letter, 1024 ** (index + 1)],
    [`${letter}ib`, 1024 ** (index + 1)],
    [`${letter}b`, 1000 ** (index + 1)],
  ]),
]);

/** The size that an element such as `<memory unit='KiB'>4</memory>` states, in KiB, rounded down; null when it states none. */
export function sizeKiB(node: XmlElement | null): number | null {
  return inKiB(wholeNumber(text(node)), attr(node, 'unit'));
}

/** The size in the attribute `size` of an element such as `<page size='2' unit='MiB'/>`, in KiB. */
export function pageSizeKiB(node: XmlElement): number | null {
  return inKiB(wholeNumber(attr(node, 'size')), attr(node, 'unit'));
}

function inKiB(value: number | null, unit: string | null): number | null {
  const bytes = BYTES.get((unit ?? 'KiB').toLowerCase());
  if (value === null || bytes === undefined) return null;
  const size = Math.floor((value * bytes) / 1024);
  return Number.isSafeInteger(size) ? size : null;
}

/** Numbers written as `0-3,^2,8`; null for what is no such list, or names more than 65 536 numbers. */
export function numberSet(written: string | null): readonly number[] | null {
  const numbers = new Set<number>();
  for (const part of (written ?? '').split(',').map((one) => one.trim())) {
    const match = /^(\^?)(\d{1,6})(?:-(\d{1,6}))?$/.exec(part);
    if (match === null) return null;
    const [, without, first, last] = match;
    const [from, to] = [Number(first), Number(last ?? first)];
    if (to < from || to - from > MOST_NUMBERS || numbers.size > MOST_NUMBERS) return null;
    for (let number = from; number <= to; number++) {
      if (without === '^') numbers.delete(number);
      else numbers.add(number);
    }
  }
  return [...numbers].sort((left, right) => left - right);
}

const MOST_NUMBERS = 65_536;
