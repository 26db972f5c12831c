import { parseArgs } from 'node:util';
import { preCopy } from '../../src/planner/estimate.js';
import { schedule, streamLimits } from '../../src/planner/engine/schedule/index.js';
import type { Schedule, Stuck } from '../../src/planner/engine/schedule/index.js';
import type { Command } from './command.js';
import { UsageError } from './command.js';
import type { Cluster } from './formats/placement.js';
import { instanceOf, parseCluster, parseTarget } from './formats/placement.js';
import { checkOutputs, countOption, numberOption, readText, writeOutput } from './input.js';
import { checkSchedule } from './schedule-check.js';
import type { TimedMove } from './schedule-check.js';
import { balancing, permuted } from './tables/order.js';

/** Moves that the passes of one run put in time together: about half a second. */
export const EFFORT = 30_000;
/** A makespan must become this part shorter before machines step aside that need not. */
const WORTH = 0.02;
const BYTES_PER_MIB = 1_048_576;

export const command: Command = {
  usage: 'CLUSTER.json TARGET.json [--gbps 10] [--streams 1] [--effort MOVES] [--seed K] [--out SCHEDULE.json]',
  run,
  tables: [permuted, balancing],
};

export interface Ordered {
  readonly result: Schedule | Stuck;
  readonly moves: readonly TimedMove[];
  readonly violations: readonly string[];
  readonly cpuSeconds: number;
}

/**
 * Orders the moves from the hosts in CLUSTER (the neutral JSON: `hosts` with memMiB and nodeMemMiB, `vms` with memMiB, host and tag) to
 * those in TARGET (a list of host indices, one a machine), plain or gzipped. `--gbps` is what a host carries in each direction,
 * `--streams` the moves at once in each direction, which share it evenly.
 *
 * SCHEDULE.json gets `{ mibps, streams, makespan, bounds: { streams, room, longest }, moves }`; each move is
 * `{ machine, from, to, start, end }` with the machine's name, indices of hosts, and seconds from the start of the schedule, by start.
 * `mibps` is the rate of a host in one direction. A machine that steps aside has two moves. Exit code 1: there is no schedule, or it
 * breaks a limit.
 */
function run(argv: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      gbps: { type: 'string' },
      streams: { type: 'string' },
      effort: { type: 'string' },
      seed: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const [clusterFile, targetFile, ...rest] = positionals;
  if (clusterFile === undefined || targetFile === undefined || rest.length > 0) {
    throw new UsageError('order takes CLUSTER.json and TARGET.json');
  }
  const cluster = parseCluster(clusterFile, readText(clusterFile));
  const target = parseTarget(targetFile, readText(targetFile), cluster);
  const mibps = (numberOption('gbps', values.gbps, 10, 1e-6) * 1e9) / 8 / BYTES_PER_MIB;
  const streams = countOption('streams', values.streams, 1, 1);
  const seed = countOption('seed', values.seed, 1);
  checkOutputs(values.out);
  const ordered = order(cluster, target, mibps, streams, seed, numberOption('effort', values.effort, EFFORT, 1));
  const { result, moves } = ordered;
  writeOutput(values.out, () => {
    const makespan = result.kind === 'schedule' ? result.makespan : null;
    return `${JSON.stringify({ mibps, streams, makespan, bounds: result.bounds, moves })}\n`;
  });
  process.stdout.write(`${textOf(cluster, target, ordered).join('\n')}\n`);
  return result.kind === 'schedule' && ordered.violations.length === 0 ? 0 : 1;
}

/** Orders the moves of a cluster to a target, and walks the schedule. */
export function order(
  cluster: Cluster,
  target: Int32Array,
  mibps: number,
  streams: number,
  seed: number,
  effort: number,
): Ordered {
  const before = process.cpuUsage();
  const bandwidthMibps = mibps / streams;
  const result = schedule(
    {
      instance: instanceOf(cluster),
      target,
      seconds: Float64Array.from(
        cluster.vms,
        ({ memMiB }) =>
          preCopy({ memoryMiB: memMiB, dirtyMibps: 0, diskMiB: 0, bandwidthMibps, maxDowntimeMs: 0 }).seconds,
      ),
      limits: streamLimits(cluster.hosts.length, streams),
      budgets: [],
      yielding: new Uint8Array(cluster.vms.length).fill(1),
    },
    { seed, effort, worth: WORTH },
  );
  const { user, system } = process.cpuUsage(before);
  const moves = result.runs.map(({ machine, from, to, start, end }) => ({
    machine: cluster.vms[machine]?.name ?? '',
    from,
    to,
    start,
    end,
  }));
  const violations = result.kind === 'schedule' ? checkSchedule(cluster, target, moves, { mibps, streams }) : [];
  return { result, moves, violations, cpuSeconds: (user + system) / 1e6 };
}

function textOf(cluster: Cluster, target: Int32Array, ordered: Ordered): readonly string[] {
  const { result, moves, violations, cpuSeconds } = ordered;
  const { streams, room } = result.bounds;
  const changed = cluster.vms.filter((vm, index) => vm.host !== target[index]).length;
  const lines = [
    `hosts ${cluster.hosts.length}, machines ${cluster.vms.length}, to move ${changed}, ${cpuSeconds.toFixed(2)} CPU s`,
    `bounds: streams ${streams.toFixed(1)} s, room ${room.toFixed(1)} s`,
  ];
  if (result.kind === 'stuck') {
    const names = result.knot.machines.map((machine) => cluster.vms[machine]?.name ?? '').slice(0, 10);
    return [...lines, `no schedule: ${names.join(', ')} wait for each other; ${freeing(cluster, result)}`];
  }
  return [
    ...lines,
    `makespan ${result.makespan.toFixed(1)} s, ${(result.makespan / Math.max(streams, room)).toFixed(3)} × the greater bound`,
    `moves ${moves.length}, of them ${moves.length - changed} aside, violations ${violations.length}`,
    ...violations.slice(0, 10),
  ];
}

function freeing(cluster: Cluster, { knot: { relaxation } }: Stuck): string {
  switch (relaxation?.kind) {
    case undefined:
      return 'no single change frees them';
    case 'room': {
      const name = cluster.vms[relaxation.machine]?.name ?? '';
      return `${relaxation.missing} MiB more on ${cluster.hosts[relaxation.place]?.name ?? ''} would let ${name} in`;
    }
    case 'rule':
      return `the tag of ${cluster.vms[relaxation.machine]?.name ?? ''} keeps it out`;
  }
}
