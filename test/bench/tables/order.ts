import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, BenchTable, TableResult } from '../command.js';
import { readCluster, readLoads } from '../formats/hbal-text.js';
import type { Cluster } from '../formats/placement.js';
import { parseCluster, parseTarget } from '../formats/placement.js';
import { balance } from '../balance.js';
import { readText } from '../input.js';
import { EFFORT, order } from '../order.js';

/** 10 Gb/s. */
const MIBPS = 1e10 / 8 / 1_048_576;

export const permuted: BenchTable = { title: 'order: a permutation of a full cluster', run: permutedRows };
export const balancing: BenchTable = { title: 'order: balancing plans', run: balancingRows };

const HEAD = [
  'cluster',
  'streams',
  'moves',
  'aside',
  'makespan s',
  'bound streams s',
  'bound room s',
  'ratio',
  'violations',
  'CPU s',
];

function permutedRows({ data }: Bench): TableResult {
  const name = 'dense1000x10000-u0.95';
  const file = (ending: string) => join(data ?? '', 'generated', `${name}${ending}.json.gz`);
  if (data === null || !existsSync(file(''))) return { kind: 'notRun', reason: `there is no ${name}.json.gz` };
  const cluster = parseCluster(file(''), readText(file('')));
  const target = parseTarget(file('-permuted'), readText(file('-permuted')), cluster);
  return {
    kind: 'table',
    head: HEAD,
    rows: [1, 2].map((streams) => rowOf(name, cluster, target, streams)),
    notes: [
      '10 Gb/s in each direction of a host; target: at most 3.00 × the greater bound, no violation, below 1 s; no peer orders such moves',
    ],
  };
}

/** Clusters, and as many moves as hbal takes (for the last one about a fifth of the machines). */
const BALANCED: readonly (readonly [name: string, maxMoves: number])[] = [
  ['c20x200', 52],
  ['c50x500', 113],
  ['c100x1000', 225],
  ['c400x6000', 1200],
];

function balancingRows({ data, quick }: Bench): TableResult {
  const file = (name: string, ending: string) => join(data ?? '', 'generated', `${name}-hot-ext.${ending}.gz`);
  const there = BALANCED.filter(([name]) => data !== null && existsSync(file(name, 'data')));
  if (there.length === 0) return { kind: 'notRun', reason: 'there are no generated clusters' };
  const seconds = quick ? 1 : 3;
  const rows = there.map(([name, maxMoves]) => {
    const described = readCluster(file(name, 'data'), readText(file(name, 'data')));
    const loads = readLoads(file(name, 'util'), readText(file(name, 'util')));
    const { primary } = balance(described, loads, {
      maxMoves,
      limit: { kind: 'seconds', seconds },
      seed: 1,
      threads: 1,
      begin: performance.now(),
    });
    const cluster = parseCluster(file(name, 'json'), readText(file(name, 'json')));
    return rowOf(name, cluster, primary, 1);
  });
  const note = `placements by ${seconds} s of search at hbal's number of moves; target: at most 1.05 × the bound; hbal's job sets take 1.7 to 7.2 ×`;
  return { kind: 'table', head: HEAD, rows, notes: [note] };
}

function rowOf(name: string, cluster: Cluster, target: Int32Array, streams: number): readonly string[] {
  const { result, moves, violations, cpuSeconds } = order(cluster, target, MIBPS, streams, 1, EFFORT);
  const { streams: byStreams, room } = result.bounds;
  const makespan = result.kind === 'schedule' ? result.makespan : Infinity;
  const aside = result.runs.filter((run) => run.bypass).length;
  return [
    name,
    String(streams),
    String(moves.length),
    String(aside),
    makespan.toFixed(1),
    byStreams.toFixed(1),
    room.toFixed(1),
    (makespan / Math.max(byStreams, room)).toFixed(3),
    String(violations.length),
    cpuSeconds.toFixed(2),
  ];
}
