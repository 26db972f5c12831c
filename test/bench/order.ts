import { parseArgs } from 'node:util';
import { preCopy } from '../../src/planner/estimate.js';
import { relax, schedule, streamLimits } from '../../src/planner/engine/schedule/index.js';
import type { Problem, Relaxing, Schedule, Stuck } from '../../src/planner/engine/schedule/index.js';
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
/** Moves that are put in time to find out what would free a knot. */
const RELAX_EFFORT = 50_000;
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
  /** What would free a knot; null when there is none. */
  readonly relaxing: Relaxing | null;
}

/**
 * Orders the moves from the hosts in CLUSTER (the neutral JSON: `hosts` with memMiB and nodeMemMiB, `vms` with memMiB, host and tag) to
 * those in TARGET (a list of host indices, one a machine), plain or gzipped. `--gbps` is what a host carries in each direction,
 * `--streams` the moves at once in each direction, which share it evenly.
 *
 * SCHEDULE.json gets `{ mibps, streams, makespan, bounds: { streams, room, longest }, moves }`; each move is
 * `{ machine, from, to, start, end }` with the machine's name, indices of hosts, and seconds from the start of the schedule, by start.
 * `mibps` is the rate of a host in one direction. A machine that steps aside has two moves. Exit code 1: no schedule was found, or it
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
  const problem: Problem = {
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
  };
  const result = schedule(problem, { seed, effort, worth: WORTH });
  const relaxing = result.kind === 'stuck' ? relax(problem, result, RELAX_EFFORT) : null;
  const { user, system } = process.cpuUsage(before);
  const moves = result.runs.map(({ machine, from, to, start, end }) => ({
    machine: cluster.vms[machine]?.name ?? '',
    from,
    to,
    start,
    end,
  }));
  const violations = result.kind === 'schedule' ? checkSchedule(cluster, target, moves, { mibps, streams }) : [];
  return { result, moves, violations, cpuSeconds: (user + system) / 1e6, relaxing };
}

function textOf(cluster: Cluster, target: Int32Array, ordered: Ordered): readonly string[] {
  const { result, moves, violations, cpuSeconds, relaxing } = ordered;
  const { streams, room } = result.bounds;
  const changed = cluster.vms.filter((vm, index) => vm.host !== target[index]).length;
  const lines = [
    `hosts ${cluster.hosts.length}, machines ${cluster.vms.length}, to move ${changed}, ${cpuSeconds.toFixed(2)} CPU s`,
    `bounds: streams ${streams.toFixed(1)} s, room ${room.toFixed(1)} s`,
  ];
  if (result.kind === 'stuck') {
    const names = result.knot.machines.map((machine) => cluster.vms[machine]?.name ?? '').slice(0, 10);
    const verdict = result.exhaustive
      ? 'there is no schedule'
      : 'no schedule was found within the effort, which does not say that there is none (--effort MOVES looks further)';
    const how = relaxing === null ? '' : `; ${freeing(cluster, relaxing)}`;
    return [...lines, `${verdict}: ${names.join(', ')} wait for each other${how}`];
  }
  if (moves.length === 0) return [...lines, 'nothing to move: every machine is where the target has it'];
  const bound = Math.max(streams, room);
  const ratio = bound > 0 ? `, ${(result.makespan / bound).toFixed(3)} × the greater bound` : '';
  return [
    ...lines,
    `makespan ${result.makespan.toFixed(1)} s${ratio}`,
    `moves ${moves.length}, of them ${moves.length - changed} aside, violations ${violations.length}`,
    ...violations.slice(0, 10),
  ];
}

function freeing(cluster: Cluster, { relaxation, places, rules, complete }: Relaxing): string {
  const tried = `${places} hosts with more memory${rules > 0 ? ` and ${rules} tags left out were tried one by one` : ' were tried one by one'}`;
  switch (relaxation?.kind) {
    case undefined:
      return `${complete ? 'no single change frees them' : 'no change that frees them was found before the effort was spent'}: ${tried}`;
    case 'room': {
      const amount = `${Math.ceil(relaxation.missing * 1000) / 1000} MiB more on ${cluster.hosts[relaxation.place]?.name ?? ''}`;
      return `${amount} would be enough${complete ? '' : ' (perhaps less on another host: the effort was spent)'}`;
    }
    case 'rule':
      return `to leave out the tag ${cluster.vms[relaxation.rule.members[0] ?? -1]?.tag ?? ''} would be enough`;
  }
}
