import type { Command } from 'commander';
import { stringify } from 'yaml';
import { plan as makePlan } from '../../planner/index.js';
import { solve } from '../../portfolio/solve.js';
import { diffText, paint, placementPatch } from '../../report/index.js';
import { readWanted, revisionTree, workingTree } from '../documents.js';
import { EXIT } from '../exit.js';
import { addObservedOption, addOutputOption, addRepositoryOptions, type RepositoryOptions } from '../options.js';
import { comparePlans, differencesText, fates } from '../plan-diff.js';
import type { Register } from '../session.js';
import { readWorld } from '../world.js';

interface Options extends RepositoryOptions {
  readonly output: 'text' | 'json' | 'yaml';
  readonly observed: string;
}

/** `berth diff [BASE [HEAD]]`: desired against observed, or what two revisions would do. */
export function defineDiff(program: Command, register: Register): void {
  const command = program
    .command('diff')
    .summary('show what differs')
    .description(
      'Without arguments: how the observed cluster differs from what is written.\n' +
        'With BASE: what the working files would do that BASE would not; with BASE and HEAD: the same of two commits.\n' +
        'Both plans are made from the same observed state. As JSON or YAML the difference of the placements comes along as\n' +
        'a JSON Patch (RFC 6902).\n\n' +
        'Exits with 0 when nothing differs, 1 when something does, 2 on an error.',
    )
    .argument('[base]', 'full commit id (git rev-parse HEAD~1), HEAD or a branch')
    .argument('[head]', 'the same (default: the working files)');
  addObservedOption(command);
  addRepositoryOptions(command);
  addOutputOption(command, ['text', 'json', 'yaml']);
  register<Options>(command, async ({ terminal, env }, options, [base, head]) => {
    const tree = head === undefined ? await workingTree(options, env) : await revisionTree(options, head, env);
    const wanted = await readWanted(tree, options.cluster);
    const world = await readWorld(wanted, options.observed, options, env, terminal);
    const plan = makePlan(wanted.desired, world, solve);
    const { color } = terminal;
    if (base === undefined) {
      const found = [...fates(plan)].map(([subject, what]) => ({ subject, what }));
      const data = { differences: found, patch: placementPatch(world, null, plan) };
      terminal.out(render(options.output, data, diffText(plan, { color })));
      return found.length > 0 ? EXIT.error : EXIT.ok;
    }
    const before = await readWanted(await revisionTree(options, base, env), wanted.desired.cluster.name);
    const basePlan = makePlan(before.desired, world, solve);
    const differences = comparePlans(basePlan, plan);
    const names = [base, head ?? 'working files'] as const;
    const data = { differences, patch: placementPatch(world, basePlan, plan) };
    terminal.out(render(options.output, data, differencesText(differences, names, paint(color))));
    return differences.length > 0 ? EXIT.error : EXIT.ok;
  });
}

function render(format: Options['output'], data: unknown, text: string): string {
  switch (format) {
    case 'text':
      return text;
    case 'json':
      return `${JSON.stringify(data, null, 2)}\n`;
    case 'yaml':
      return stringify(data);
  }
}
