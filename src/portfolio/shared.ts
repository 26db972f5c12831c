type Table = Int32Array | Float64Array | Uint8Array | Uint32Array;

/**
 * The same value with every typed array copied into shared memory, so that a worker thread that is given it reads it in place. An array
 * that stands in two places stays one array.
 */
export function share<T>(value: T): T {
  return copy(value, new Map()) as T;
}

function copy(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const seen = known.get(value);
  if (seen !== undefined) return seen;
  if (isTable(value)) {
    const table = sharedLike(value);
    known.set(value, table);
    return table;
  }
  if (Array.isArray(value)) return value.map((item) => copy(item, known));
  const result = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, known)]));
  known.set(value, result);
  return result;
}

function isTable(value: object): value is Table {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function sharedLike(table: Table): Table {
  const buffer = new SharedArrayBuffer(table.byteLength);
  if (table instanceof Float64Array) return fill(new Float64Array(buffer), table);
  if (table instanceof Int32Array) return fill(new Int32Array(buffer), table);
  if (table instanceof Uint32Array) return fill(new Uint32Array(buffer), table);
  return fill(new Uint8Array(buffer), table);
}

function fill<T extends Table>(target: T, source: Table): T {
  target.set(source);
  return target;
}
