import { readdirSync, readFileSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import { EXIT } from '../exit.js';
import { addCommonOptions } from '../options.js';
import type { Register } from '../session.js';

const FOLDER = new URL('../../../schemas/v1alpha1/', import.meta.url);

/** `berth schema [KIND]`: prints the JSON Schema of one kind, or the names of all. */
export function defineSchema(program: Command, register: Register): void {
  const kinds = schemaKinds();
  const command = program
    .command('schema')
    .summary('print the JSON Schema of a kind')
    .description('Prints the JSON Schema (2020-12) of a kind, or the names of all kinds.')
    .addArgument(new Argument('[kind]', 'kind of document').choices(kinds));
  register(addCommonOptions(command), ({ terminal }, _options, [kind]) => {
    terminal.out(kind === undefined ? `${kinds.join('\n')}\n` : readFileSync(new URL(`${kind}.json`, FOLDER), 'utf8'));
    return EXIT.ok;
  });
}

function schemaKinds(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => /^[A-Z]\w*\.json$/.test(file))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}
