import { parseArgs } from 'node:util';
import { balance } from './balance.js';
import type { Balanced } from './balance.js';
import type { Command } from './command.js';
import { UsageError } from './command.js';
import { stayingWhy } from './formats/hbal.js';
import { scoreOf } from './formats/hbal-score.js';
import type { Loads } from './formats/hbal-score.js';
import { readCluster, readLoads, writeCluster } from './formats/hbal-text.js';
import type { HbalCluster } from './formats/hbal-text.js';
import { checkOutputs, countOption, limitOption, readText, threadsOption, writeOutput } from './input.js';
import { balanced, descended } from './tables/hbal.js';

export const command: Command = {
  usage:
    'FILE.data [--util FILE] [--max-moves N] [--seconds S | --evaluations N] [--seed K] [--threads N] [--out SOLUTION.data] [--moves MOVES.txt]',
  run,
  tables: [balanced, descended],
};

/** One cluster in htools text format, plain or gzipped; prints score and moves, and writes the cluster with its new placement. */
function run(argv: readonly string[]): number {
  const begin = performance.now();
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      util: { type: 'string' },
      'max-moves': { type: 'string' },
      seconds: { type: 'string' },
      evaluations: { type: 'string' },
      seed: { type: 'string' },
      threads: { type: 'string' },
      out: { type: 'string' },
      moves: { type: 'string' },
    },
  });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError('hbal takes one FILE.data');
  const maxMoves = countOption('max-moves', values['max-moves'], Infinity);
  const limit = limitOption(values, 10);
  const seed = countOption('seed', values.seed, 1);
  const threads = threadsOption(values.threads);
  checkOutputs(values.out, values.moves);
  const cluster = readCluster(file, readText(file));
  const loads = values.util === undefined ? null : readLoads(values.util, readText(values.util));
  const result = balance(cluster, loads, { maxMoves, limit, seed, threads, begin });
  writeOutput(values.out, () => writeCluster(cluster, result.primary));
  writeOutput(values.moves, () => movesText(cluster, loads, result));
  process.stdout.write(
    [
      `nodes ${cluster.nodes.length}, instances ${cluster.instances.length}`,
      ...stayingWhy(cluster).map((why) => `held where they are: ${why}`),
      `score ${result.before.toFixed(8)} -> ${result.after.toFixed(8)}`,
      `moves ${result.order.length}${maxMoves < Infinity ? ` of at most ${maxMoves}` : ''}`,
      `executable one after the other${result.kept > 0 ? `, ${result.kept} given up that waited for each other in a circle, or gained nothing without those` : ': every one finds room when it comes'}`,
      `${(result.evaluations / 1e6).toFixed(1)} million evaluations in ${result.cpuSeconds.toFixed(1)} CPU s, ${((performance.now() - begin) / 1000).toFixed(1)} s in all, ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
      '',
    ].join('\n'),
  );
  return 0;
}

/** The moves in their order as hbal prints them: number, instance, from, to, score after it. */
function movesText(cluster: HbalCluster, loads: Loads | null, { order, primary }: Balanced): string {
  const now = Int32Array.from(cluster.instances, (instance) => instance.primary);
  const secondary = cluster.instances.map((instance) => instance.secondary);
  const name = (node: number | undefined) => cluster.nodes[node ?? -1]?.name ?? '?';
  const every = order.length * cluster.instances.length > 2e7 ? order.length - 1 : 1;
  return order
    .map((machine, index) => {
      const from = name(now[machine]);
      now[machine] = primary[machine] ?? -1;
      const score =
        (index + 1) % every === 0 || index + 1 === order.length ? scoreOf(cluster, loads, now, secondary) : 0;
      return `${index + 1}. ${cluster.instances[machine]?.name ?? '?'} ${from} => ${name(now[machine])} ${score.toFixed(8)} a=f\n`;
    })
    .join('');
}
