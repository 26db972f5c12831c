import { readFileSync } from 'node:fs';
import type { Kind } from '../model/kinds.generated.js';

/** The kinds of documents, in the order in which people meet them. */
export const kindNames = [
  'Cluster',
  'Host',
  'AccessGroup',
  'PortProfile',
  'DeviceClass',
  'VirtualMachine',
  'RoleProfile',
  'PlacementPolicy',
  'LoadPolicy',
  'MigrationPolicy',
  'Approval',
] as const satisfies readonly Kind[];

/** A JSON Schema (2020-12), as far as this floor looks into one. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const folder = new URL('../../schemas/v1alpha1/', import.meta.url);
const COMMON = 'common.json#';
const read = new Map<Kind, Schema>();

/** The schema of a kind, complete in itself: what the kinds share is copied into its `$defs`. */
export function schemaOf(kind: Kind): Schema {
  const known = read.get(kind);
  if (known !== undefined) return known;
  const own = bundled(`${kind}.json`);
  const { $defs } = bundled('common.json');
  const schema: Schema = { ...own, ...($defs === undefined ? {} : { $defs }) };
  read.set(kind, schema);
  return schema;
}

export function isKind(name: unknown): name is Kind {
  return kindNames.some((kind) => kind === name);
}

function bundled(file: string): Schema {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8').replaceAll(COMMON, '#')) as Schema;
}
