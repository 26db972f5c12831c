/** What a stored value must look like: reads an untrusted one into a `T` that has the known keys only, or says what is wrong where. */
export type Shape<T> = (value: unknown, at: string, keyOf: KeyOf) => Read<T>;

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: string };

/** The key under which a field is stored, such as `base_revision` for `baseRevision`. */
export type KeyOf = (field: string) => string;

/** Reads an untrusted value; unknown keys are ignored. The fault begins with a JSON pointer. */
export function readShape<T>(shape: Shape<T>, value: unknown, keyOf: KeyOf = (field) => field): Read<T> {
  return shape(value, '', keyOf);
}

export const text: Shape<string> = (value, at) =>
  typeof value === 'string' ? { ok: true, value } : fault(at, 'a text', value);

export const flag: Shape<boolean> = (value, at) =>
  typeof value === 'boolean' ? { ok: true, value } : fault(at, 'true or false', value);

/** A finite number; JSON can express no other. */
export const number: Shape<number> = (value, at) =>
  typeof value === 'number' && Number.isFinite(value) ? { ok: true, value } : fault(at, 'a number', value);

/** An integer from 0 that a double holds exactly. */
export const count: Shape<number> = (value, at) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? { ok: true, value }
    : fault(at, 'an integer from 0', value);

export function oneOf<const V extends string>(...values: readonly V[]): Shape<V> {
  return (value, at) => {
    const found = values.find((candidate) => candidate === value);
    return found === undefined ? fault(at, values.join(' | '), value) : { ok: true, value: found };
  };
}

/** One of the words of a union; the compiler sees to it that none is forgotten. */
export function wordOf<V extends string>(words: Readonly<Record<V, true>>): Shape<V> {
  return oneOf(...(Object.keys(words) as V[]));
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at, keyOf) => (value === null ? { ok: true, value } : shape(value, at, keyOf));
}

/** A field that may be left out. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, at, keyOf) => (value === undefined ? { ok: true, value } : shape(value, at, keyOf));
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value, at, keyOf) => {
    if (!Array.isArray(value)) return fault(at, 'a list', value);
    const items: T[] = [];
    for (const [index, entry] of value.entries()) {
      const item = shape(entry, `${at}/${index}`, keyOf);
      if (!item.ok) return item;
      items.push(item.value);
    }
    return { ok: true, value: items };
  };
}

/** A record whose keys are data, not fields. */
export function dictionary<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, at, keyOf) => {
    if (!isRecord(value)) return fault(at, 'an object', value);
    const entries: [string, T][] = [];
    for (const [key, entry] of Object.entries(value)) {
      const item = shape(entry, `${at}/${key}`, keyOf);
      if (!item.ok) return item;
      entries.push([key, item.value]);
    }
    return { ok: true, value: Object.fromEntries(entries) };
  };
}

export function record<T extends object>(fields: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  const shapes = Object.entries(fields) as [keyof T & string, Shape<T[keyof T]>][];
  return (value, at, keyOf) => {
    if (!isRecord(value)) return fault(at, 'an object', value);
    const read: Record<string, unknown> = {};
    for (const [field, shape] of shapes) {
      const key = keyOf(field);
      const item = shape(Object.hasOwn(value, key) ? value[key] : undefined, `${at}/${key}`, keyOf);
      if (!item.ok) return item;
      read[field] = item.value;
    }
    return { ok: true, value: read as T };
  };
}

/** Alternatives told apart by the text under `tag`. */
export function variants<T extends object, K extends keyof T & string>(
  tag: K,
  shapes: Readonly<Record<T[K] & string, Shape<T>>>,
): Shape<T> {
  const byTag = new Map<unknown, Shape<T>>(Object.entries<Shape<T>>(shapes));
  return (value, at, keyOf) => {
    if (!isRecord(value)) return fault(at, 'an object', value);
    const shape = byTag.get(value[keyOf(tag)]);
    return shape === undefined
      ? fault(`${at}/${keyOf(tag)}`, [...byTag.keys()].join(' | '), value[keyOf(tag)])
      : shape(value, at, keyOf);
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(at: string, expected: string, value: unknown): Read<never> {
  const found =
    value === undefined ? 'nothing' : value === null ? 'null' : Array.isArray(value) ? 'a list' : describe(value);
  return { ok: false, fault: `${at === '' ? '/' : at}: expected ${expected}, found ${found}` };
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'an object';
}
