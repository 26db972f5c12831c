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
  return value.map((id, index) => numberAt(id, `${path}[${index}]`));
}
