import { readdirSync } from 'node:fs';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/documents/check/check.js';
import { kindNames, schemaOf } from '../../src/documents/index.js';
import { parse } from '../../src/documents/parse/parse.js';
import { backtracks } from './backtracking.js';

interface Node {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly propertyNames?: Node;
  readonly additionalProperties?: boolean | Node;
  readonly $defs?: Readonly<Record<string, Node>>;
}

/** Every schema inside of a schema, with its path. */
function nodes(node: Node, path: string): readonly (readonly [path: string, node: Node])[] {
  const named = (part: Readonly<Record<string, Node>> | undefined) =>
    Object.entries(part ?? {}).flatMap(([name, child]) => nodes(child, `${path}/${name}`));
  const values = typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
  const inner = [node.items, node.propertyNames, ...values].flatMap((child) =>
    child === undefined ? [] : nodes(child, `${path}[]`),
  );
  return [[path, node], ...named(node.properties), ...named(node.$defs), ...inner];
}

const all = kindNames.flatMap((kind) => nodes(schemaOf(kind) as Node, kind));

function resolved(node: Node, kind: string): Node {
  const name = node.$ref?.split('/').at(-1);
  const root = schemaOf(kind.split('/')[0] as (typeof kindNames)[number]) as Node;
  return name === undefined ? node : { ...root.$defs?.[name], ...node };
}

describe('the schemas', () => {
  it('there is one for each kind, and no other', () => {
    const files = readdirSync(new URL('../../schemas/v1alpha1/', import.meta.url)).map((file) =>
      file.replace('.json', ''),
    );
    expect(files.filter((name) => name !== 'common').sort()).toEqual([...kindNames].sort());
  });

  it('every field has a description', () => {
    const fields = all.filter(([path]) => !path.endsWith('[]'));
    expect(fields.filter(([path, node]) => (resolved(node, path).description ?? '') === '')).toEqual([]);
  });

  it('every field that is no group of fields has an example', () => {
    const leaves = all
      .map(([path, node]) => [path, resolved(node, path)] as const)
      .filter(
        ([path, node]) => !path.endsWith('[]') && node.properties === undefined && node.items?.properties === undefined,
      );
    expect(
      leaves.filter(([, node]) => node.examples === undefined && node.items === undefined).map(([path]) => path),
    ).toEqual([]);
  });

  it('no object takes unknown keys, but for the maps of labels, of annotations and of hosts', () => {
    const open = all.filter(([, node]) => node.type === 'object' && node.additionalProperties !== false);
    expect([...new Set(open.map(([path]) => path.split('/').slice(1).join('/')))]).toEqual([
      'spec/connection/hosts',
      'labels',
      'annotations',
    ]);
  });

  it('every number says its unit in its name or its description', () => {
    const unit = /(MiB|GiB|KiB|Mbps|Mibps|Ms|Seconds|PerGiB|Minutes|Percent)$/;
    const counted =
      /ratio|share|cpu|number|migrations|moves|windows in a row|machines|functions|vlan|priority|milliseconds|costs/i;
    const numbers = all.filter(([, node]) => node.type === 'integer' || node.type === 'number');
    const bare = numbers.filter(([path, node]) => !unit.test(path) && !counted.test(node.description ?? ''));
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  it.each(kindNames)('the example of %s is valid, and what is filled in stays valid', (kind) => {
    const text = stringify((schemaOf(kind) as Node).examples?.[0]);
    const document = parse('example.yaml', text).documents[0];
    const first = document === undefined ? [] : check(document);
    expect('document' in first ? [] : first).toEqual([]);
    const again = parse('again.yaml', stringify('document' in first ? first.document : {})).documents[0];
    expect(again === undefined ? [] : check(again)).toHaveProperty('document');
  });

  it('a schema is complete in itself: all its references lead into it', () => {
    const references = all.flatMap(([path, node]) => (node.$ref === undefined ? [] : [[path, node.$ref] as const]));
    const dangling = references.filter(
      ([path, reference]) => resolved({ $ref: reference }, path).description === undefined,
    );
    expect(references.length).toBeGreaterThan(50);
    expect(dangling).toEqual([]);
  });
});

describe('the regular expressions of the schemas', () => {
  const patterns = [...new Set(all.flatMap(([, node]) => (node.pattern === undefined ? [] : [node.pattern])))];

  it.each(patterns)('%s is anchored and cannot backtrack for long', (pattern) => {
    expect(pattern).toMatch(/^\^.*\$$/);
    expect(backtracks(pattern)).toBeNull();
  });

  it.each(['^(a+)+$', '^(a|a)*$', '^(a|aa)*c$', '^([a-z]+-?)*$', '^a*a*a*a*$', '^(.*),(.*),(.*),(.*)$'])(
    '%s would be found',
    (pattern) => {
      expect(backtracks(pattern)).not.toBeNull();
    },
  );
});
