import { writeFileSync } from 'node:fs';
import { Argument, Option, type Command } from 'commander';
import { stringify } from 'yaml';
import type { Desired, Plan, Verdict } from '../../model/index.js';
import { plan as makePlan, replay } from '../../planner/index.js';
import { solve } from '../../portfolio/solve.js';
import {
  encodePlan,
  formatProblem,
  paint,
  planAnnotations,
  planMarkdown,
  planSarif,
  planText,
} from '../../report/index.js';
import { readWanted, revisionTree, workingTree } from '../documents.js';
import { EXIT, type ExitCode } from '../exit.js';
import { Failure } from '../failure.js';
import {
  addObservedOption,
  addOutputOption,
  addRepositoryOptions,
  type Format,
  type RepositoryOptions,
} from '../options.js';
import type { Register } from '../session.js';
import { appendSummary } from '../step-summary.js';
import { readWorld } from '../world.js';

interface Options extends RepositoryOptions {
  readonly output: Format;
  readonly observed: string;
  readonly out?: string;
  readonly revision?: string;
  readonly detailedExitcode?: boolean;
}

/** `berth plan [SOURCE]`: what would be done, in which order, and why. Changes nothing. */
export function definePlan(program: Command, register: Register): void {
  const command = program
    .command('plan')
    .summary('show what would be done, and why')
    .description(
      'Makes the plan that turns what is observed into what is written, and changes nothing.\n' +
        'Of a folder it reads the files as they are now, committed or not; of a bare repository or a URL the tip of the branch.',
    )
    .addArgument(new Argument('[source]', 'folder or URL; the same as --source'))
    .option('--revision <commit>', 'plan this commit or branch instead')
    .option('--out <file>', 'write the plan to a file for "berth apply"')
    .addOption(new Option('--detailed-exitcode', 'exit with 2 when there are changes'));
  addObservedOption(command);
  addRepositoryOptions(command);
  addOutputOption(command, ['text', 'json', 'yaml', 'markdown', 'sarif', 'github']);
  register<Options>(command, async ({ terminal, env }, options, [source]) => {
    const chosen = { ...options, source: source ?? options.source };
    const tree =
      options.revision === undefined
        ? await workingTree(chosen, env)
        : await revisionTree(chosen, options.revision, env);
    const wanted = await readWanted(tree, options.cluster);
    for (const warning of wanted.warnings) terminal.err(`${formatProblem(warning, paint(terminal.color))}\n`);
    const world = await readWorld(wanted, options.observed, chosen, env, terminal);
    const plan = makePlan(wanted.desired, world, solve);
    refuseUnsafe(replay(plan, wanted.desired, world));
    if (options.out !== undefined) writeFileSync(options.out, encodePlan(plan));
    const summary = env['GITHUB_STEP_SUMMARY'];
    if (options.output === 'github' && summary !== undefined && summary !== '') appendSummary(summary, plan);
    terminal.out(renderPlan(plan, wanted.desired, options.output, terminal.color));
    return options.detailedExitcode === true ? detailed(plan) : EXIT.ok;
  });
}

/** A plan that the independent checker rejects is a bug of the planner; it is shown to nobody as a plan. */
function refuseUnsafe(verdict: Verdict): void {
  if (!verdict.accepted) throw new Failure(EXIT.denied, verdict.violations);
}

/** A plan in the form that was asked for. */
function renderPlan(plan: Plan, desired: Desired, format: Format, color: boolean): string {
  switch (format) {
    case 'text':
      return planText(plan, { color });
    case 'json':
      return encodePlan(plan);
    case 'yaml':
      return stringify(JSON.parse(encodePlan(plan)), { aliasDuplicateObjects: false });
    case 'markdown':
      return planMarkdown(plan);
    case 'sarif':
      return planSarif(plan, desired);
    case 'github':
      return planAnnotations(plan, desired);
  }
}

function detailed(plan: Plan): ExitCode {
  return plan.moves.length > 0 ? EXIT.changes : EXIT.ok;
}
