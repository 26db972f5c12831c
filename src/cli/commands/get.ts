import { Argument, type Command } from 'commander';
import { stringify } from 'yaml';
import { problem } from '../../model/index.js';
import { plain } from '../../report/index.js';
import { readWanted, workingTree } from '../documents.js';
import { EXIT } from '../exit.js';
import { Failure } from '../failure.js';
import { findListing, LISTED_KINDS, type Item, type Listing } from '../listings.js';
import { addObservedOption, addOutputOption, addRepositoryOptions, type RepositoryOptions } from '../options.js';
import type { Register } from '../session.js';
import { tableText } from '../table.js';
import { readWorld } from '../world.js';

interface Options extends RepositoryOptions {
  readonly output: 'text' | 'json' | 'yaml';
  readonly observed: string;
}

/** `berth get KIND [NAME]`: what is written and what is observed, as a table or as data. */
export function defineGet(program: Command, register: Register): void {
  const command = program
    .command('get')
    .summary('list what is written and what is observed')
    .description(
      'Lists what is written together with what is observed; with a name and -o yaml, all that is known of one.',
    )
    .addArgument(new Argument('<kind>', 'what to list').choices(LISTED_KINDS).argParser(findListing))
    .argument('[name]', 'only the one of this name');
  addObservedOption(command);
  addRepositoryOptions(command);
  addOutputOption(command, ['text', 'json', 'yaml']);
  register<Options>(command, async ({ terminal, env }, options, args) => {
    const [listing, name] = args as unknown as readonly [Listing, string | undefined];
    const wanted = await readWanted(await workingTree(options, env), options.cluster);
    const world = await readWorld(wanted, options.observed, options, env, terminal);
    const all = listing.items(wanted.desired, world);
    const found = name === undefined ? all : all.filter((one) => one.name === name);
    if (name !== undefined && found.length === 0) {
      const hint = `there are: ${all.map((one) => one.name).join(', ')}`;
      throw new Failure(EXIT.error, [
        problem({ code: 'NotFound', message: `there is no ${listing.kind} ${name}`, hint }),
      ]);
    }
    terminal.out(render(listing.head, found, options.output, name !== undefined));
    return EXIT.ok;
  });
}

function render(head: readonly string[], found: readonly Item[], format: Options['output'], single: boolean): string {
  const data = single ? found[0]?.item : found.map(({ item }) => item);
  switch (format) {
    case 'text':
      return tableText(
        head,
        found.map(({ cells }) => cells.map(plain)),
      );
    case 'json':
      return `${JSON.stringify(data, null, 2)}\n`;
    case 'yaml':
      return stringify(data, { aliasDuplicateObjects: false });
  }
}
