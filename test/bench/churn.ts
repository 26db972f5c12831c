import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LoadPolicy } from '../../src/model/index.js';
import { Random } from '../../src/planner/engine/random.js';
import type { BenchTable, Command } from './command.js';
import { UsageError } from './command.js';
import type { Move, Outcome, Scheduler } from './day.js';
import { byPolicy, oneGreedyMove, replay } from './day.js';
import { parseTrace } from './formats/trace.js';
import { numberOption, readText } from './input.js';
import { tableText } from './table.js';

const HIGH = 0.65;
const THRESHOLDS: LoadPolicy['thresholds'] = [{ metric: 'cpu', high: HIGH, low: 0.5 }];
/** Every load is changed by up to this share, for what a small change of load does to a plan. */
const NOISE = 0.02;
const HEAD = [
  'policy',
  'moves',
  'moves an hour',
  'again within 1 h',
  'host minutes above',
  'deviation',
  'differs at ±2 %',
  'CPU s',
];

export const command: Command = {
  usage: 'TRACE.csv [--windows N] [--seed K]',
  run,
  tables: [{ title: 'Churn over a day of load (one PlanetLab day, windows of 5 min)', run: table }],
};

function run(argv: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { windows: { type: 'string' }, seed: { type: 'string' } },
  });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError('churn takes TRACE');
  const windows = numberOption('windows', values.windows, Infinity, 1);
  const trace = parseTrace(file, readText(file)).map((row) => row.slice(0, windows));
  process.stdout.write(tableText(HEAD, rowsOf(trace, numberOption('seed', values.seed, 1))));
  return 0;
}

function table({ data, quick }: Parameters<BenchTable['run']>[0]): ReturnType<BenchTable['run']> {
  const folder = data === null ? null : join(data, 'planetlab');
  if (folder === null || !existsSync(folder))
    return { kind: 'notRun', reason: 'there is no folder planetlab in the data' };
  const [file] = readdirSync(folder)
    .filter((name) => /\.csv(\.gz)?$/.test(name))
    .sort();
  if (file === undefined) return { kind: 'notRun', reason: 'the folder planetlab is empty' };
  const trace = parseTrace(file, readText(join(folder, file))).map((row) => row.slice(0, quick ? 72 : row.length));
  const notes = [
    `${file}: ${trace.length} machines of 2 CPUs, 9 times as busy as in the trace; threshold ${HIGH * 100} %; seed 1.`,
    'Differs: share of moves that are in one of two plans only, when every load changes by up to 2 %.',
    'Calm: a tolerance of 8 % instead of 5 %, and an hour of cooldown instead of 15 minutes.',
  ];
  return { kind: 'table', head: HEAD, rows: rowsOf(trace, 1), notes };
}

function rowsOf(trace: readonly (readonly number[])[], seed: number): readonly (readonly string[])[] {
  const berth = (name: string, policy: Partial<LoadPolicy>) => {
    const settings = { thresholds: THRESHOLDS, ...policy };
    const { scheduler, differs } = compared(byPolicy(settings), seed, (noise) => byPolicy(settings, noise));
    return rowOf(name, trace, scheduler, differs);
  };
  return [
    rowOf(
      'nothing is moved',
      trace,
      () => [],
      () => '–',
    ),
    rowOf('one greedy move a window', trace, oneGreedyMove(HIGH), () => '–'),
    berth('Berth, relieve', {}),
    berth('Berth, balance', { goal: 'balance', minimumGain: 0.1 }),
    berth('Berth, balance, calm', { goal: 'balance', minimumGain: 0.1, tolerance: 0.08, cooldownSeconds: 3600 }),
    berth('Berth, consolidate', { goal: 'consolidate', minimumGain: 0.1 }),
  ];
}

function rowOf(
  name: string,
  trace: readonly (readonly number[])[],
  scheduler: Scheduler,
  differs: () => string,
): readonly string[] {
  const begin = process.cpuUsage().user;
  const outcome: Outcome = replay(trace, HIGH, scheduler);
  const seconds = (process.cpuUsage().user - begin) / 1e6;
  return [
    name,
    String(outcome.moves),
    ((outcome.moves * 12) / outcome.windows).toFixed(1),
    String(outcome.again),
    String(outcome.above * 5),
    `${(outcome.deviation * 100).toFixed(1)} %`,
    differs(),
    seconds.toFixed(1),
  ];
}

/** A scheduler whose plans are compared with those that a little noise in the load leads to. */
function compared(scheduler: Scheduler, seed: number, noisy: (noise: (machine: number) => number) => Scheduler) {
  const random = new Random(seed);
  let [differing, all] = [0, 0];
  const watched: Scheduler = (day) => {
    const moves = scheduler(day);
    if (moves.length === 0) return moves;
    const noise = Float64Array.from(day.places, () => NOISE * (2 * random.fraction() - 1));
    const others = new Set(noisy((machine) => noise[machine] ?? 0)(day).map(keyOf));
    const shared = moves.filter((move) => others.has(keyOf(move))).length;
    differing += moves.length + others.size - 2 * shared;
    all += moves.length + others.size - shared;
    return moves;
  };
  return { scheduler: watched, differs: () => (all === 0 ? '–' : `${((100 * differing) / all).toFixed(0)} %`) };
}

function keyOf({ machine, to }: Move): string {
  return `${machine} ${to}`;
}
