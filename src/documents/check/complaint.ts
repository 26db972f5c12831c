import type { ErrorObject } from 'ajv/dist/2020.js';
import { problem, type Problem } from '../../model/index.js';
import { pointerPart, type LocatedDocument } from '../parse/located.js';
import type { Schema } from '../schemas.js';
import { nearest } from './spelling.js';
import { inUnitOf } from './units.js';

type Words = Pick<Problem, 'code' | 'message' | 'hint'>;

/** What a violation of a schema means to the person who wrote the document; null when another violation says it better. */
export function complaint(
  error: ErrorObject,
  all: readonly ErrorObject[],
  document: LocatedDocument,
  whole: Schema,
): Problem | null {
  if (error.propertyName !== undefined || isMisspelt(error, all)) return null;
  const pointer = error.instancePath;
  if (error.keyword === 'additionalProperties' || error.keyword === 'propertyNames') {
    const key = String(error.params['additionalProperty'] ?? error.params['propertyName']);
    const place = document.keyAt(`${pointer}/${pointerPart(key)}`);
    const words = error.keyword === 'propertyNames' ? badKey(key) : unknownField(error, key, pointer, whole);
    return problem({ ...words, place });
  }
  if (error.keyword === 'required') {
    const key = String(error.params['missingProperty']);
    return problem({ ...missing(error, key, pointer), place: document.keyAt(pointer) });
  }
  return problem({ ...wrongValue(error, fieldOf(pointer)), place: document.at(pointer) });
}

function wrongValue(error: ErrorObject, field: string): Words {
  const schema = (error.parentSchema ?? {}) as Schema;
  const value: unknown = error.data;
  switch (error.keyword) {
    case 'type':
      return wrongType(schema, field, value);
    case 'enum':
    case 'const':
      return notAllowed(error, field, value);
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
      return outOfRange(error, schema, field);
    case 'pattern':
    case 'format':
      return badFormat(schema, field, value);
    case 'minProperties':
      return words('MissingField', `"${field}" says too little`, schema.description ?? '');
    case 'minItems':
      return words('OutOfRange', `"${field}" is an empty list`, 'remove the line or write an entry');
    case 'uniqueItems':
      return words('DuplicateEntry', `an entry of "${field}" is there twice`, 'keep one of them');
    default:
      return words('OutOfRange', `"${field}" ${error.message ?? 'is wrong'}`, schema.description ?? '');
  }
}

function unknownField(error: ErrorObject, key: string, pointer: string, whole: Schema): Words {
  const value: unknown = (error.data as Readonly<Record<string, unknown>>)[key];
  const message = `unknown field "${shorten(key)}"`;
  const own = fieldsOf(error);
  const meant = fieldMeantBy(key, own);
  if (meant !== null) {
    const amount = typeof value === 'string' ? inUnitOf(meant, value) : null;
    const hint = amount === null ? `did you mean "${meant}"?` : `write ${meant}: ${amount}`;
    return words('UnknownField', message, hint);
  }
  const elsewhere = ['metadata', 'spec'].find((part) => `/${part}` !== pointer && hasField(whole, part, key));
  if (elsewhere !== undefined) return words('UnknownField', message, `it belongs under "${elsewhere}"`);
  return words('UnknownField', message, `the fields here are: ${own.join(', ')}`);
}

/** True for a missing field that is there under a name that is almost right: to tell of the name is enough. */
function isMisspelt(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  if (error.keyword !== 'required') return false;
  return all.some(
    ({ keyword, instancePath, params }) =>
      keyword === 'additionalProperties' &&
      instancePath === error.instancePath &&
      fieldMeantBy(String(params['additionalProperty']), fieldsOf(error)) === error.params['missingProperty'],
  );
}

function fieldsOf(error: ErrorObject): readonly string[] {
  return Object.keys((error.parentSchema as Schema).properties ?? {});
}

function fieldMeantBy(key: string, fields: readonly string[]): string | null {
  return fields.find((name) => isUnitOf(key, name)) ?? nearest(key, fields);
}

/** `memory` for `memoryMiB`: the name without its unit. */
function isUnitOf(key: string, name: string): boolean {
  const base = /^(.*?)(MiB|GiB|KiB|Mbps|Mibps|Ms|Seconds|Minutes|Percent)$/.exec(name)?.[1];
  return base !== undefined && base.toLowerCase() === key.toLowerCase();
}

function hasField(whole: Schema, part: string, key: string): boolean {
  const field = whole.properties?.[part];
  const target = field?.$ref === undefined ? field : whole.$defs?.[field.$ref.split('/').at(-1) ?? ''];
  return Object.hasOwn(target?.properties ?? {}, key);
}

function missing(error: ErrorObject, key: string, pointer: string): Words {
  const schema = (error.parentSchema as Schema).properties?.[key];
  const where = pointer === '' ? 'the document' : `"${fieldOf(pointer)}"`;
  const example = schema?.examples?.[0];
  const sample = example === undefined ? `write ${key}` : `write ${key}: ${JSON.stringify(example)}, for example`;
  return words('MissingField', `${where} has no "${key}"`, sample);
}

function wrongType(schema: Schema, field: string, value: unknown): Words {
  const wanted = schema.type ?? 'value';
  if (value === null) return words('WrongType', `"${field}" is empty`, 'give it a value or remove the line');
  if (typeof value === 'string' && (wanted === 'integer' || wanted === 'number')) {
    const amount = inUnitOf(field, value);
    if (amount !== null) return words('WrongUnit', `"${field}" takes a number, not "${value}"`, `write ${amount}`);
    const number = value.trim() !== '' && Number.isFinite(Number(value));
    return words(
      'WrongType',
      `"${field}" is text`,
      number ? `write ${value} without quotes` : (schema.description ?? ''),
    );
  }
  if (typeof value === 'number' && wanted === 'integer') {
    return words('WrongType', `"${field}" must be a whole number`, `write ${Math.round(value)}`);
  }
  if (wanted === 'array') return words('WrongType', `"${field}" must be a list`, 'start each entry with "- "');
  if (wanted === 'string') return words('WrongType', `"${field}" must be text`, 'put it in quotes');
  if (wanted === 'boolean') return words('WrongType', `"${field}" must be true or false`, booleanHint(value));
  return words(
    'WrongType',
    `"${field}" must be ${wanted === 'object' ? 'a mapping' : `a ${wanted}`}`,
    schema.description ?? '',
  );
}

function booleanHint(value: unknown): string {
  if (typeof value !== 'string') return '';
  return /^(yes|on|y)$/i.test(value) ? 'write true' : /^(no|off|n)$/i.test(value) ? 'write false' : '';
}

function notAllowed(error: ErrorObject, field: string, value: unknown): Words {
  const allowed = (error.params['allowedValues'] ?? [error.params['allowedValue']]) as readonly unknown[];
  const names = allowed.map(String);
  const near = typeof value === 'string' ? nearest(value, names) : null;
  const list = `one of: ${names.join(', ')}`;
  return words(
    'NotAllowed',
    `"${field}" cannot be ${show(value)}`,
    near === null ? list : `did you mean "${near}"? ${list}`,
  );
}

function outOfRange(error: ErrorObject, schema: Schema, field: string): Words {
  const limit = Number(error.params['limit']);
  const value = Number(error.data);
  if (error.keyword === 'maximum' && limit === 1 && value <= 100) {
    return words('WrongUnit', `"${field}" is a ratio from 0 to 1, not ${value}`, `write ${value / 100} for ${value} %`);
  }
  const bound = { minimum: 'at least', maximum: 'at most', exclusiveMinimum: 'more than' }[error.keyword];
  return words('OutOfRange', `"${field}" must be ${bound ?? ''} ${limit}`, schema.description ?? '');
}

function badFormat(schema: Schema, field: string, value: unknown): Words {
  const example = schema.examples?.[0];
  const sample = typeof example === 'string' ? ` Example: ${example}` : '';
  const code = field === 'mac' ? 'BadMac' : 'BadFormat';
  return words(code, `"${field}" cannot be ${show(value)}`, `${schema.description ?? ''}${sample}`);
}

function badKey(key: string): Words {
  return words(
    'BadFormat',
    `"${shorten(key)}" cannot be a key here`,
    'letters, digits, dots, dashes, underscores, and one prefix with a slash',
  );
}

/** The last part of a pointer; for an entry of a list with the list's name. */
function fieldOf(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  const last = parts.at(-1) ?? 'document';
  const named = /^[0-9]+$/.test(last) && parts.length > 1 ? `${parts.at(-2) ?? ''}[${last}]` : last;
  return shorten(named.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function show(value: unknown): string {
  return shorten(typeof value === 'string' ? `"${value}"` : JSON.stringify(value));
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function words(code: string, message: string, hint: string): Words {
  return { code, message, hint };
}
