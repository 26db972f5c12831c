import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { steepest } from '../../../src/planner/engine/search/steepest.js';
import { State } from '../../../src/planner/engine/state.js';
import { figure, installed, run, runBench, withFolder } from '../child.js';
import type { Bench, BenchTable, TableResult } from '../command.js';
import { packCluster } from '../formats/hbal.js';
import { scoreOf } from '../formats/hbal-score.js';
import { readCluster, readLoads } from '../formats/hbal-text.js';
import { readText } from '../input.js';

/** A generated cluster, its target, and what hbal 3.0.2 made of it when it was recorded (../shared/planner.md); null: it takes too long. */
interface Case {
  readonly name: string;
  readonly recorded: { readonly score: number; readonly moves: number; readonly cpuSeconds: number } | null;
  /** Moves of hbal's descent: recorded, or made by our own descent, which makes the same. */
  readonly moves: number;
  readonly seconds: number;
  readonly target: number;
  /** hbal ends within seconds, so that it runs unless it is told not to. */
  readonly fast: boolean;
}

const CASES: readonly Case[] = [
  {
    name: '20x200',
    recorded: { score: 0.9415, moves: 52, cpuSeconds: 3.15 },
    moves: 52,
    seconds: 2,
    target: 0.39,
    fast: true,
  },
  {
    name: '50x500',
    recorded: { score: 1.0409, moves: 113, cpuSeconds: 115.6 },
    moves: 113,
    seconds: 5,
    target: 0.55,
    fast: false,
  },
  {
    name: '100x1000',
    recorded: { score: 0.8909, moves: 225, cpuSeconds: 1905 },
    moves: 225,
    seconds: 10,
    target: 0.5,
    fast: false,
  },
  { name: '400x6000', recorded: null, moves: 1150, seconds: 5, target: 0.8, fast: false },
  { name: '1000x10000', recorded: null, moves: 2226, seconds: 15, target: 0.85, fast: false },
];

export const balanced: BenchTable = { title: 'hbal score at no more than the moves of hbal (-U)', run: search };
export const descended: BenchTable = { title: "hbal's own descent: the same moves and score", run: descend };

/** The search, in a process of its own for each cluster; what it wrote is judged by the scorer. */
function search(bench: Bench): TableResult {
  const cases = casesOf(bench);
  if (cases === null) return { kind: 'notRun', reason: 'there is no folder generated (see --data)' };
  const rows = cases.map(({ name, data, util, moves, seconds, target, recorded }) =>
    withFolder((path) => {
      const budget = bench.quick ? seconds / 2 : seconds;
      const limits = ['--max-moves', String(moves), '--seconds', String(budget), '--seed', '1'];
      const ran = runBench(['hbal', data, '--util', util, ...limits, '--out', path('out.data')]);
      writeFileSync(path('loads'), readText(util));
      const score = figure(ran.output, /-> ([\d.]+)/);
      const judged = judge(bench, path('out.data'), path('loads'));
      const made = figure(ran.output, /^moves (\d+)/m);
      const inOrder = ran.output.includes('executable one after the other:');
      return [
        name,
        score.toFixed(4),
        judged,
        `${target.toFixed(2)}${score <= target ? ' reached' : ' missed'}`,
        recorded === null ? '-' : `${(score / recorded.score).toFixed(2)} x`,
        `${made} of ${moves}`,
        inOrder ? 'yes' : 'in part',
        `${budget} s`,
        ran.wallSeconds.toFixed(1),
        ran.cpuSeconds.toFixed(1),
        String(figure(ran.output, /(\d+) MiB/)),
      ];
    }),
  );
  const head = [
    'cluster',
    'score',
    'scorer says',
    'target',
    'of hbal',
    'moves',
    'executable',
    'budget',
    'wall s',
    'CPU s',
    'RSS MiB',
  ];
  return {
    kind: 'table',
    head,
    rows,
    notes: [
      'moves: at most those of hbal; at 400x6000 and 1000x10000, where hbal would take days and years, those of its descent as made by us (next table).',
      'executable: one move after the other, each finds memory and CPUs when it comes. Wall time is that of the whole process.',
    ],
  };
}

/** hbal's neighbourhood, descended by our engine and, where it takes seconds (or all with --peers all), by hbal itself. */
function descend(bench: Bench): TableResult {
  const cases = casesOf(bench);
  if (cases === null) return { kind: 'notRun', reason: 'there is no folder generated (see --data)' };
  const rows: string[][] = [];
  for (const each of cases) {
    if (bench.quick && each.recorded === null) continue;
    const cluster = readCluster(each.data, readText(each.data));
    const loads = readLoads(each.util, readText(each.util));
    const secondary = cluster.instances.map((instance) => instance.secondary);
    const state = new State(packCluster(cluster, loads));
    const started = process.cpuUsage();
    // hbal goes on while a step gains 0.01, or the score is above 0.1 (options -g and --min-gain-limit).
    const { moves } = steepest(state, (cost, gain) => cost > 0.1 || gain >= 0.01);
    const cpuSeconds = process.cpuUsage(started).user / 1e6;
    const score = scoreOf(cluster, loads, state.place, secondary);
    rows.push([each.name, 'berth, this run', score.toFixed(4), String(moves), cpuSeconds.toFixed(2), '1']);
    const peer = (who: string, scoreThere: number, movesThere: number, cpuThere: number) =>
      rows.push([
        '',
        who,
        scoreThere.toFixed(4),
        String(movesThere),
        cpuThere.toFixed(2),
        (cpuThere / cpuSeconds).toFixed(0),
      ]);
    if (each.recorded !== null) {
      peer('hbal 3.0.2, recorded, not run', each.recorded.score, each.recorded.moves, each.recorded.cpuSeconds);
    }
    if (bench.peers === 'all' ? each.recorded !== null : bench.peers === 'fast' && each.fast) {
      const live = runHbal(each);
      if (live !== null) peer('hbal, this run', live.score, live.moves, live.cpuSeconds);
    }
  }
  const absent =
    bench.peers === 'none'
      ? 'hbal not run: --peers none'
      : 'hbal not run: not installed (Debian package ganeti-htools)';
  return {
    kind: 'table',
    head: ['cluster', 'who', 'score', 'moves', 'CPU s', 'times our CPU s'],
    rows,
    notes:
      bench.peers !== 'none' && installed('hbal')
        ? ['recorded: measured once with ../shared/planner.md, on another machine.']
        : [absent],
  };
}

function runHbal({ data, util }: { readonly data: string; readonly util: string }) {
  if (!installed('hbal')) return null;
  return withFolder((path) => {
    writeFileSync(path('c.data'), readText(data));
    writeFileSync(path('c.util'), readText(util));
    const ran = run('hbal', ['-t', path('c.data'), '-U', path('c.util')]);
    if (ran === null) return null;
    const score = Math.min(...[...ran.output.matchAll(/=> \S+\s+([\d.]+)/g)].map(([, text]) => Number(text)));
    return { score, moves: figure(ran.output, /Solution length=(\d+)/), cpuSeconds: ran.cpuSeconds };
  });
}

function judge({ tools }: Bench, data: string, util: string): string {
  if (tools === null || !existsSync(join(tools, 'hbalscore.py'))) return 'not judged';
  const ran = run('python3', [join(tools, 'hbalscore.py'), data, '--util', util]);
  return ran === null ? 'not judged' : figure(ran.output, /initial ([\d.]+)/).toFixed(4);
}

/** The cases whose files are there; null when there is none at all. */
function casesOf({ data }: Bench): readonly (Case & { readonly data: string; readonly util: string })[] | null {
  if (data === null) return null;
  const there = CASES.map((each) => {
    const file = join(data, 'generated', `c${each.name}-hot-ext`);
    return { ...each, data: `${file}.data.gz`, util: `${file}.util.gz` };
  }).filter((each) => existsSync(each.data) && existsSync(each.util));
  return there.length === 0 ? null : there;
}
