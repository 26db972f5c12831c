/**
 * Writes what follows from the schemas: the types of documents (`src/model/kinds.generated.ts`) and the reference of the
 * kinds (`schemas/README.md`). With `--check` it writes nothing and fails when one of them differs.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import { format } from 'prettier';
import { referenceOf } from './kinds-reference.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}schemas/v1alpha1/`;
const style = { printWidth: 120, singleQuote: true };

const read = (name) => JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8'));
const common = read('common');
const kinds = readdirSync(folder)
  .map((file) => file.replace(/\.json$/, ''))
  .filter((name) => name !== 'common')
  .sort();

/** The schema with references written out, and with every field that has a default required: so documents are once they are read. */
function asRead({ $ref, ...own }) {
  const {
    type,
    description,
    properties,
    required = [],
    items,
    additionalProperties,
    ...rest
  } = {
    ...(common.$defs[$ref?.split('/').at(-1)] ?? {}),
    ...own,
  };
  const kept = { type, description, const: rest.const, enum: rest.enum, default: rest.default };
  if (items !== undefined) return { ...kept, items: asRead(items) };
  if (properties === undefined) return { ...kept, additionalProperties };
  const fields = Object.entries(properties).map(([name, field]) => [name, asRead(field)]);
  const filled = fields.filter(([, field]) => field.default !== undefined).map(([name]) => name);
  return {
    ...kept,
    additionalProperties,
    properties: Object.fromEntries(fields),
    required: [...new Set([...required, ...filled])],
  };
}

async function types() {
  const parts = [];
  for (const kind of kinds) {
    const text = await compile(JSON.parse(JSON.stringify(asRead(read(kind)))), kind, {
      bannerComment: '',
      ignoreMinAndMaxItems: true,
      unknownAny: true,
      style,
    });
    parts.push(
      text.replace(/^(\s+)(\w+\??:|\[k: string\]:)/gm, '$1readonly $2').replace(/^export interface/gm, 'interface'),
    );
  }
  const banner =
    '/* Generated from `schemas/` by `npm run generate`; do not edit. Fields that have a default are always there once a document is read. */\n\n';
  const union = `\n/** Any document. */\nexport type AnyDocument = ${kinds.join(' | ')};\n\n/** Name of a kind. */\nexport type Kind = AnyDocument['kind'];\n\n/** A document of one kind. */\nexport type DocumentOf<K extends Kind> = Extract<AnyDocument, { readonly kind: K }>;\n`;
  return format(banner + parts.join('\n') + union, { ...style, parser: 'typescript' });
}

const outputs = {
  'src/model/kinds.generated.ts': await types(),
  'schemas/README.md': referenceOf(kinds.map(read), common),
};

const check = process.argv.includes('--check');
let differs = false;
for (const [file, text] of Object.entries(outputs)) {
  if (!check) writeFileSync(root + file, text);
  else if (readFileSync(root + file, 'utf8') !== text) {
    differs = true;
    console.error(`${file} is not what the schemas say: run \`npm run generate\` and commit it`);
  }
}
process.exitCode = differs ? 1 : 0;
