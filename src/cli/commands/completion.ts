import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion.js';
import { EXIT } from '../exit.js';
import { addCommonOptions } from '../options.js';
import type { Register } from '../session.js';

/** `berth completion SHELL`: prints a script that completes commands, options and their values. */
export function defineCompletion(program: Command, register: Register): void {
  const command = program
    .command('completion')
    .summary('print a completion script for a shell')
    .description(
      'Prints a completion script. For bash: source <(berth completion bash); for zsh the same with zsh;\n' +
        'for fish: berth completion fish | source',
    )
    .addArgument(new Argument('<shell>', 'shell').choices(SHELLS));
  register(addCommonOptions(command), ({ terminal }, _options, [shell]) => {
    terminal.out(completionScript(program, shell as Shell));
    return EXIT.ok;
  });
}
