import type { Command } from 'commander';
import { stringify } from 'yaml';
import { eventsText } from '../../report/index.js';
import { readEvents } from '../../status/index.js';
import { openStatus } from '../compose.js';
import { EXIT } from '../exit.js';
import { addOutputOption, addRepositoryOptions, parseCount, type RepositoryOptions } from '../options.js';
import type { Register } from '../session.js';

interface Options extends RepositoryOptions {
  readonly output: 'text' | 'json' | 'yaml';
  readonly for?: string;
  readonly limit: number;
}

/** `berth events`: what happened, from the status branch. */
export function defineEvents(program: Command, register: Register): void {
  const command = program
    .command('events')
    .summary('show what happened')
    .description('Shows the last events from the status branch, oldest first.')
    .option('--for <object>', 'only those of one object: KIND/NAME or NAME')
    .option('--limit <count>', 'at most so many, the newest', parseCount(1), 50);
  addRepositoryOptions(command);
  addOutputOption(command, ['text', 'json', 'yaml']);
  register<Options>(command, async ({ terminal, env }, options) => {
    const { tree } = await (await openStatus(options, env)).read();
    const events = [...tree]
      .filter(([path]) => /^clusters\/[^/]+\/events\.json$/.test(path))
      .filter(([path]) => options.cluster === undefined || path.startsWith(`clusters/${options.cluster}/`))
      .flatMap(([, text]) => readEvents(text))
      .filter(
        ({ involvedObject: { kind, name } }) =>
          options.for === undefined || [name, `${kind}/${name}`].includes(options.for),
      )
      .sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp))
      .slice(-options.limit);
    switch (options.output) {
      case 'text':
        terminal.out(events.length === 0 ? 'no events\n' : eventsText(events, { color: terminal.color }));
        break;
      case 'json':
        terminal.out(`${JSON.stringify(events, null, 2)}\n`);
        break;
      case 'yaml':
        terminal.out(stringify(events));
    }
    return EXIT.ok;
  });
}
