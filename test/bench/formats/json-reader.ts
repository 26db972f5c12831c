/** A value of an input has the wrong form; `path` names it. */
export class FormatError extends Error {
  constructor(
    readonly path: string,
    message: string,
  ) {
    super(`${path}: ${message}`);
  }
}

/** The entries of an object, in the order of the file. */
export function entriesOf(value: unknown, path: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FormatError(path, 'an object is expected');
  }
  return new Map(Object.entries(value));
}

/** A number, or text that is one (keys of objects). */
export function numberAt(value: unknown, path: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new FormatError(path, 'a number is expected');
  return number;
}

export function textAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new FormatError(path, 'text is expected');
  return value;
}

/** A list of numbers of nodes or machines. */
export function idsOf(value: unknown, path: string): readonly number[] {
  if (!Array.isArray(value)) throw new FormatError(path, 'a list of numbers is expected');
  return value.map((id, index) => idAt(id, `${path}[${index}]`));
}

/** Number of a node or a machine, or text that is one (keys of objects). */
export function idAt(value: unknown, path: string): number {
  const number = numberAt(value, path);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new FormatError(path, 'a whole number of at least 0 is expected');
  return number;
}

/** A number that is not negative. */
export function amountAt(value: unknown, path: string): number {
  const number = numberAt(value, path);
  if (number < 0) throw new FormatError(path, 'a number of at least 0 is expected');
  return number;
}

/** The value of a key, or what stands for a key that is not there; null is a value. */
export function given(value: unknown, fallback: unknown): unknown {
  return value === undefined ? fallback : value;
}
