import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { planText } from './btrplace/action.js';
import { judge } from './btrplace/check.js';
import type { Verdict } from './btrplace/check.js';
import { generate } from './btrplace/generate.js';
import { solve } from './btrplace/solve.js';
import type { Solved } from './btrplace/solve.js';
import { InputError, UsageError } from './command.js';
import type { Bench, Command, TableResult } from './command.js';
import { parseBtrPlace } from './formats/btrplace.js';
import { pathOf, placeOf, syntaxErrorIn } from './formats/json-place.js';
import { FormatError } from './formats/json-reader.js';
import { checkOutputs, countOption, numberOption, readText, writeOutput } from './input.js';

/**
 * `npm run bench -- btrplace FILE`: repairs an instance of the BtrPlace scheduler and writes a reconfiguration plan in its JSON form:
 * `origin` (the model as it was read) and `actions`, each with `id` (migrateVM, bootVM, resumeVM, suspendVM, shutdownVM, killVM, bootNode,
 * shutdownNode, allocate), `start` and `end` in seconds, and `vm`, `node`, `from`, `to`, `on`, `rc`, `amount` as the action needs them.
 * The plan is read back and judged by `btrplace/check.ts`, which shares nothing with the rest.
 */
export const command: Command = {
  usage: 'FILE [--seconds S] [--seed K] [--out PLAN.json]',
  run: runOne,
  tables: [{ title: 'BtrPlace instances', run: runTable }],
};

/** Seconds that the search may take unless something else is asked for; reading, ordering and writing come on top. */
const SECONDS = 5;

interface Run {
  readonly solved: Solved;
  readonly verdict: Verdict;
  readonly plan: string;
  readonly seconds: number;
  readonly size: string;
}

function runOne(argv: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { seconds: { type: 'string' }, seed: { type: 'string' }, out: { type: 'string' } },
  });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError('btrplace takes one file');
  const seconds = numberOption('seconds', values.seconds, SECONDS);
  checkOutputs(values.out);
  const { solved, verdict, plan, ...run } = repaired(
    file,
    readText(file),
    countOption('seed', values.seed, 1),
    seconds,
  );
  writeOutput(values.out, () => plan);
  const named = [...verdict.byName].map(([name, count]) => `${name} ${count}`).join(', ');
  const { actions, migrations } = solved.bound;
  process.stdout.write(
    [
      `instance    ${run.size}`,
      `actions     ${verdict.actions} (${named || 'none'})`,
      `bound       ${actions} actions, ${migrations} migrations; ratio ${ratio(verdict.actions, actions)}`,
      `plan        ends at second ${verdict.seconds}; ends add up to ${verdict.sumOfEnds} s; ${solved.bypasses} bypasses`,
      `time        ${run.seconds.toFixed(2)} s, ${solved.evaluations} evaluations`,
      `violations  ${verdict.violations.length}`,
      ...verdict.violations.slice(0, 20).map((text) => `  ${text}`),
      ...solved.failures.slice(0, 20).map((text) => `not done    ${text}`),
      '',
    ].join('\n'),
  );
  return verdict.violations.length + solved.failures.length === 0 ? 0 : 1;
}

function repaired(file: string, text: string, seed: number, seconds: number): Run {
  const begin = performance.now();
  try {
    const instance = parseBtrPlace(text);
    const solved = solve(instance, { seed, seconds, now: () => performance.now() });
    const plan = planText(instance.model, solved.actions);
    const took = (performance.now() - begin) / 1000;
    const size = `${instance.nodes.length} × ${instance.machines.size}, ${instance.constraints.length} constraints`;
    return { solved, verdict: judge(text, plan), plan, seconds: took, size };
  } catch (error) {
    const wrong = error instanceof SyntaxError ? syntaxErrorIn(text) : null;
    if (wrong !== null) throw new InputError(file, wrong.line, wrong.column, wrong.message);
    if (error instanceof FormatError) {
      const { line, column } = placeOf(text, pathOf(error.path));
      throw new InputError(file, line, column, error.message);
    }
    throw error;
  }
}

function runTable({ data, quick }: Bench): TableResult {
  const folder = data === null ? null : join(data, 'btrplace');
  const cases = [
    ...['li3', 'nr3', 'issue-100'].map((name) => ({
      name,
      text: () => (folder === null ? null : readIfThere(join(folder, `${name}.gz`))),
    })),
    ...(quick ? [15000] : [15000, 30000]).map((machines) => ({
      name: `generated, seed 1`,
      text: () => generate({ nodes: 5000, machines, seed: 1 }),
    })),
  ];
  const rows = cases.map(({ name, text: read }) => {
    const text = read();
    if (text === null) return [name, 'not run', '', '', '', '', '', '', ''];
    const { solved, verdict, seconds, size } = repaired(name, text, 1, SECONDS);
    return [
      name,
      size,
      String(verdict.actions),
      String(solved.bound.actions),
      ratio(verdict.actions, solved.bound.actions),
      `${verdict.byName.get('migrateVM') ?? 0} (${solved.bound.migrations})`,
      `${verdict.seconds}`,
      seconds.toFixed(1),
      String(verdict.violations.length + solved.failures.length),
    ];
  });
  const head = [
    'instance',
    'hosts × machines, constraints',
    'actions',
    'bound',
    'ratio',
    'migrations (bound)',
    'plan s',
    'time s',
    'violations',
  ];
  const notes = [
    'bound: fewest actions that any plan can have. BtrPlace: 3 min published for this size, on other hardware; no figures for these files.',
  ];
  return { kind: 'table', head, rows, notes };
}

function readIfThere(file: string): string | null {
  try {
    readFileSync(file);
  } catch {
    return null;
  }
  return readText(file);
}

function ratio(actions: number, bound: number): string {
  return bound === 0 ? (actions === 0 ? '1.000' : '-') : (actions / bound).toFixed(3);
}
