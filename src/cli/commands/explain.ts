import type { Command } from 'commander';
import { stringify } from 'yaml';
import { problem, type Explanation } from '../../model/index.js';
import { explain } from '../../planner/index.js';
import { solve } from '../../portfolio/solve.js';
import { explainText } from '../../report/index.js';
import { readWanted, workingTree } from '../documents.js';
import { EXIT } from '../exit.js';
import { Failure } from '../failure.js';
import { addObservedOption, addOutputOption, addRepositoryOptions, type RepositoryOptions } from '../options.js';
import type { Register } from '../session.js';
import { readWorld } from '../world.js';

interface Options extends RepositoryOptions {
  readonly output: 'text' | 'json' | 'yaml';
  readonly observed: string;
}

/** `berth explain VM`: why it is where it is, and for each host why it could or could not be there. */
export function defineExplain(program: Command, register: Register): void {
  const command = program
    .command('explain')
    .summary('say why a machine is where it is')
    .description('Says why a machine is where it is, and for each host why it could or could not be there.')
    .argument('<machine>', 'name of a VirtualMachine');
  addObservedOption(command);
  addRepositoryOptions(command);
  addOutputOption(command, ['text', 'json', 'yaml']);
  register<Options>(command, async ({ terminal, env }, options, [machine = '']) => {
    const wanted = await readWanted(await workingTree(options, env), options.cluster);
    const names = wanted.desired.machines.map(({ name }) => name);
    if (!names.includes(machine)) {
      const hint = `there are: ${names.join(', ')}`;
      throw new Failure(EXIT.error, [
        problem({ code: 'UnknownMachine', message: `no machine ${machine} is written`, hint }),
      ]);
    }
    const world = await readWorld(wanted, options.observed, options, env, terminal);
    terminal.out(render(explain(wanted.desired, world, machine, solve), options.output, terminal.color));
    return EXIT.ok;
  });
}

function render(explanation: Explanation, format: Options['output'], color: boolean): string {
  switch (format) {
    case 'text':
      return explainText(explanation, { color });
    case 'json':
      return `${JSON.stringify(explanation, null, 2)}\n`;
    case 'yaml':
      return stringify(explanation, { aliasDuplicateObjects: false });
  }
}
