import { stringify } from 'yaml';

/** The reference of all kinds as Markdown, one section each by one outline: example, fields, use, status. */
export function referenceOf(schemas, common) {
  const contents = schemas.map(({ title }) => `- [${title}](#${title.toLowerCase()})`).join('\n');
  const sections = schemas.map((schema) => section(schema, common)).join('\n');
  return `# Kinds

Generated from the schemas in this folder by \`npm run generate\`; do not edit. \`berth schema KIND\` prints a schema.
A first line \`# yaml-language-server: $schema=…/schemas/v1alpha1/<Kind>.json\` gives completion and checks in an editor.

Every \`*.yaml\` or \`*.yml\` file of the repository outside of folders that start with a dot holds documents, one or several.
All of them have \`apiVersion: berth/v1alpha1\`, \`kind\`, \`metadata\` and \`spec\`; a field that is not listed here is an error.
Units are in the names of fields. Ratios go from 0 to 1.

${contents}

## Metadata

${table({ properties: { metadata: { $ref: 'common.json#/$defs/metadata' } }, required: ['metadata'] }, common)}

${sections}`;
}

function section(schema, common) {
  const spec = { properties: { spec: schema.properties.spec }, required: ['spec'] };
  return `## ${schema.title}

### Example

\`\`\`yaml
# yaml-language-server: $schema=../schemas/v1alpha1/${schema.title}.json
${stringify(schema.examples[0]).trimEnd()}
\`\`\`

### Fields

${table(spec, common)}

### Use

${schema.description}

### Status

${schema.$comment}
`;
}

function table(schema, common) {
  const rows = fields(schema, common, '').map((row) => `| ${row.join(' | ')} |`);
  return ['| field | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function fields(schema, common, path) {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const full = resolve(field, common);
    const here = path === '' ? name : `${path}.${name}`;
    const items = full.type === 'array' ? resolve(full.items, common) : null;
    const row = [
      `\`${here}\``,
      cell(typeOf(full, common)),
      cell(fallback(full, required.includes(name))),
      cell(meaning(full)),
    ];
    const values = valuesOf(full, common);
    if (values !== null) return [row, ...fields(values, common, `${here}.*`)];
    return [row, ...fields(items ?? full, common, items === null ? here : `${here}[]`)];
  });
}

/** What stands under every key of a map of objects; null for all else. */
function valuesOf(field, common) {
  if (field.type !== 'object' || typeof field.additionalProperties !== 'object') return null;
  const values = resolve(field.additionalProperties, common);
  return values.type === 'object' ? values : null;
}

function resolve(field, common) {
  if (field.$ref === undefined) return field;
  const { $ref, ...own } = field;
  return { ...resolve(common.$defs[$ref.split('/').at(-1)], common), ...own };
}

function typeOf(field, common) {
  if (field.const !== undefined) return `\`${field.const}\``;
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join(', ');
  if (field.type === 'array') return `list of ${typeOf(resolve(field.items, common), common)}`;
  if (field.type === 'object' && field.properties === undefined)
    return valuesOf(field, common) === null ? 'map of text' : 'map of objects';
  if (field.type === 'object') return 'object';
  if (field.type === 'string') return 'text';
  if (field.type === 'boolean') return '`true`, `false`';
  return `${field.type === 'integer' ? 'integer' : 'number'}${range(field)}`;
}

function range({ minimum, exclusiveMinimum, maximum }) {
  const low = exclusiveMinimum === undefined ? minimum : `more than ${exclusiveMinimum}`;
  if (maximum === undefined) return low === undefined ? '' : ` from ${low}`;
  return `, ${low ?? ''} to ${maximum}`;
}

function fallback(field, isRequired) {
  if (isRequired) return '**required**';
  if (field.default === undefined) return '';
  return `\`${JSON.stringify(field.default)}\``;
}

function meaning(field) {
  const example = field.examples?.[0];
  if (example === undefined || typeof example === 'boolean' || field.enum !== undefined) return field.description;
  return `${field.description} Example: \`${typeof example === 'object' ? JSON.stringify(example) : example}\``;
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
