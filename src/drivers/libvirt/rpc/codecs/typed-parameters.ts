import { ProtocolViolation } from '../error.js';
import type { XdrReader, XdrWriter } from '../xdr.js';

/** A value that says its own type, as libvirt sends figures whose set differs by version. */
export type TypedValue =
  | { readonly kind: 'int' | 'uint' | 'double'; readonly value: number }
  | { readonly kind: 'llong' | 'ullong'; readonly value: bigint }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string };

/** A named value; a name can stand more than once in a list. */
export type TypedParameter = TypedValue & { readonly field: string };

const TYPE = { int: 1, uint: 2, llong: 3, ullong: 4, double: 5, boolean: 6, string: 7 } as const;

/** The least that a parameter takes: an empty name, a type, a number of four bytes. */
const LEAST_BYTES = 12;

/** Writes a list of parameters. */
export function writeParameters(writer: XdrWriter, parameters: readonly TypedParameter[], max: number): void {
  writer.list(parameters, max, (parameter) => {
    writer.string(parameter.field);
    writer.int(TYPE[parameter.kind]);
    writeValue(writer, parameter);
  });
}

/** Reads a list of parameters. */
export function readParameters(reader: XdrReader, max: number): TypedParameter[] {
  return reader.list(max, LEAST_BYTES, () => readParameter(reader));
}

/** The number of that name, rounded to a double; null: there is none. */
export function numberOf(parameters: readonly TypedParameter[], field: string): number | null {
  const found = parameters.find((parameter) => parameter.field === field);
  if (found === undefined || found.kind === 'string' || found.kind === 'boolean') return null;
  return Number(found.value);
}

/** The text of that name; null: there is none. */
export function textOfParameter(parameters: readonly TypedParameter[], field: string): string | null {
  const found = parameters.find((parameter) => parameter.field === field);
  return found?.kind === 'string' ? found.value : null;
}

/** Whether the parameter of that name is true; null: there is none. */
export function truthOf(parameters: readonly TypedParameter[], field: string): boolean | null {
  const found = parameters.find((parameter) => parameter.field === field);
  return found?.kind === 'boolean' ? found.value : null;
}

function writeValue(writer: XdrWriter, value: TypedValue): void {
  switch (value.kind) {
    case 'int':
      writer.int(value.value);
      return;
    case 'uint':
      writer.uint(value.value);
      return;
    case 'llong':
      writer.hyper(value.value);
      return;
    case 'ullong':
      writer.uhyper(value.value);
      return;
    case 'double':
      writer.double(value.value);
      return;
    case 'boolean':
      writer.int(value.value ? 1 : 0);
      return;
    case 'string':
      writer.string(value.value);
      return;
  }
}

function readParameter(reader: XdrReader): TypedParameter {
  const field = reader.string();
  const type = reader.int();
  switch (type) {
    case TYPE.int:
      return { field, kind: 'int', value: reader.int() };
    case TYPE.uint:
      return { field, kind: 'uint', value: reader.uint() };
    case TYPE.llong:
      return { field, kind: 'llong', value: reader.hyper() };
    case TYPE.ullong:
      return { field, kind: 'ullong', value: reader.uhyper() };
    case TYPE.double:
      return { field, kind: 'double', value: reader.double() };
    case TYPE.boolean:
      return { field, kind: 'boolean', value: reader.int() !== 0 };
    case TYPE.string:
      return { field, kind: 'string', value: reader.string() };
    default:
      throw new ProtocolViolation(`a parameter of the unknown type ${type}`);
  }
}
