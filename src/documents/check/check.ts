import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as formats from 'ajv-formats';
import { problem, type Place, type Problem } from '../../model/index.js';
import type { AnyDocument, DocumentOf, Kind } from '../../model/kinds.generated.js';
import type { LocatedDocument } from '../parse/located.js';
import { MAX_PROBLEMS } from '../parse/parse.js';
import { isKind, kindNames, schemaOf } from '../schemas.js';
import { complaint } from './complaint.js';
import { suggestion } from './spelling.js';

/** Violations of one document that are looked at. */
const MAX_ERRORS = 200;

const API_VERSION = 'berth/v1alpha1';

/** A document that agrees with the schema of its kind, its defaults filled in. */
export interface Checked<D extends AnyDocument = AnyDocument> {
  readonly document: D;
  readonly located: LocatedDocument;
}

/** Where a document, or the part of it at the pointer, is written. */
export function placeOf(checked: Checked, pointer = ''): Place {
  return checked.located.at(pointer);
}

/** Narrows documents to one kind. */
export function ofKind<K extends Kind>(documents: readonly Checked[], kind: K): readonly Checked<DocumentOf<K>>[] {
  return documents.filter(({ document }) => document.kind === kind) as Checked<DocumentOf<K>>[];
}

/** Holds a document against the schema of its kind, and fills in the defaults. */
export function check(located: LocatedDocument): Checked | readonly Problem[] {
  const value = located.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [problem({ code: 'NotADocument', message: 'not a document', hint: NOT_A_DOCUMENT, place: located.at('') })];
  }
  const header = checkHeader(value as Readonly<Record<string, unknown>>, located);
  if (header !== null) return [header];
  const { kind } = value as { readonly kind: Kind };
  const validate = validatorOf(kind);
  if (validate(value)) return { document: value as AnyDocument, located };
  const errors = (validate.errors ?? []).slice(0, MAX_ERRORS);
  const found = errors.flatMap((error) => complaint(error, errors, located, schemaOf(kind)) ?? []);
  return found.slice(0, MAX_PROBLEMS);
}

const NOT_A_DOCUMENT = `every document starts with apiVersion: ${API_VERSION} and kind; files in folders that start with a dot are left alone`;

function checkHeader(value: Readonly<Record<string, unknown>>, located: LocatedDocument): Problem | null {
  const { apiVersion, kind } = value;
  if (apiVersion === undefined || kind === undefined) {
    const field = apiVersion === undefined ? 'apiVersion' : 'kind';
    return problem({
      code: 'MissingField',
      message: `the document has no "${field}"`,
      hint: NOT_A_DOCUMENT,
      place: located.at(''),
    });
  }
  if (apiVersion !== API_VERSION) {
    const message = `unknown apiVersion ${JSON.stringify(apiVersion).slice(0, 80)}`;
    return problem({
      code: 'UnknownApiVersion',
      message,
      hint: `write ${API_VERSION}`,
      place: located.at('/apiVersion'),
    });
  }
  if (isKind(kind)) return null;
  const name = typeof kind === 'string' ? kind : JSON.stringify(kind);
  return problem({
    code: 'UnknownKind',
    message: `unknown kind "${name.slice(0, 80)}"`,
    hint: suggestion(name, kindNames, ''),
    place: located.at('/kind'),
  });
}

let ajv: Ajv2020 | null = null;
const validators = new Map<Kind, ValidateFunction>();

function validatorOf(kind: Kind): ValidateFunction {
  if (ajv === null) {
    ajv = new Ajv2020({ strict: true, allErrors: true, useDefaults: true, verbose: true });
    formats.default.default(ajv, ['date-time']);
  }
  const validator = validators.get(kind) ?? ajv.compile(schemaOf(kind));
  validators.set(kind, validator);
  return validator;
}
