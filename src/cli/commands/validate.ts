import { Argument, type Command } from 'commander';
import { parseIsolated } from '../../documents/index.js';
import type { Desired, Problem } from '../../model/index.js';
import { countText, formatProblem, paint } from '../../report/index.js';
import { revisionTree, workingTree } from '../documents.js';
import { EXIT } from '../exit.js';
import { addOutputOption, addRepositoryOptions, type RepositoryOptions } from '../options.js';
import { problemsText, type DataFormat } from '../problems-text.js';
import type { Register } from '../session.js';

interface Options extends RepositoryOptions {
  readonly output: 'text' | DataFormat;
  readonly revision?: string;
}

/** `berth validate [SOURCE]`: reads every document and says what is wrong, where, and what to do. */
export function defineValidate(program: Command, register: Register): void {
  const command = program
    .command('validate')
    .summary('check the documents')
    .description(
      'Checks every document: its form, its references, and whether what it asks can be at all. Needs no hypervisor.\n' +
        'Of a folder it reads the files as they are now, committed or not; of a bare repository or a URL the tip of the branch.',
    )
    .addArgument(new Argument('[source]', 'folder or URL; the same as --source'))
    .option('--revision <commit>', 'check this commit or branch instead');
  addRepositoryOptions(command);
  addOutputOption(command, ['text', 'json', 'yaml', 'sarif', 'github']);
  register<Options>(command, async ({ terminal, env }, options, [source]) => {
    const chosen = { ...options, source: source ?? options.source };
    const tree =
      options.revision === undefined
        ? await workingTree(chosen, env)
        : await revisionTree(chosen, options.revision, env);
    const result = await parseIsolated(tree);
    const problems = result.ok ? result.warnings : result.problems;
    terminal.out(render(options.output, problems, result.ok ? result.value : null, tree.files.length, terminal.color));
    return result.ok ? EXIT.ok : EXIT.error;
  });
}

function render(
  format: Options['output'],
  problems: readonly Problem[],
  desired: readonly Desired[] | null,
  files: number,
  color: boolean,
): string {
  if (format !== 'text') return problemsText(format, problems, desired !== null);
  return [
    ...problems.map((one) => `${formatProblem(one, paint(color))}\n`),
    closing(problems, desired, files, color),
  ].join('\n');
}

function closing(
  problems: readonly Problem[],
  desired: readonly Desired[] | null,
  files: number,
  color: boolean,
): string {
  const ink = paint(color);
  if (desired === null) {
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    return `${ink.red('✘')} ${countText(errors, 'error')} in ${countText(files, 'file')}\n`;
  }
  const clusters = desired.map(
    ({ cluster, hosts, machines }) =>
      `${cluster.name}: ${countText(hosts.length, 'host')}, ${countText(machines.length, 'machine')}`,
  );
  return `${ink.green('✔')} ${countText(files, 'file')}, no errors (${clusters.join('; ')})\n`;
}
