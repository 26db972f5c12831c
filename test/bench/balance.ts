import { searchTogether } from '../../src/portfolio/index.js';
import { packCluster } from './formats/hbal.js';
import { scoreOf } from './formats/hbal-score.js';
import type { Loads } from './formats/hbal-score.js';
import type { HbalCluster } from './formats/hbal-text.js';
import { MEMBERS } from './input.js';
import type { Limit } from './input.js';
import { settle } from './settle.js';

export interface Balanced {
  readonly before: number;
  readonly after: number;
  /** Nodes of the instances now. */
  readonly primary: Int32Array;
  readonly order: readonly number[];
  readonly kept: number;
  readonly evaluations: number;
  readonly cpuSeconds: number;
}

/** Balances a cluster within a number of moves and a limit; time has begun at `begin` (of `performance.now()`). */
export function balance(
  cluster: HbalCluster,
  loads: Loads | null,
  limits: {
    readonly maxMoves: number;
    readonly limit: Limit;
    readonly seed: number;
    readonly threads: number;
    readonly begin: number;
  },
): Balanced {
  const instance = packCluster(cluster, loads);
  const secondary = cluster.instances.map((each) => each.secondary);
  const { limit, threads, seed, maxMoves } = limits;
  const started = process.cpuUsage();
  // Seeds side by side, each for itself: what is moved early decides what a search can still find, and rounds in common begin alike.
  const found = searchTogether(instance, {
    threads,
    rounds: 1,
    seed,
    maxMoves,
    ...(limit.kind === 'evaluations'
      ? { members: MEMBERS, budget: { evaluations: limit.evaluations } }
      : {
          members: threads,
          budget: { seconds: secondsFor(cluster, limit.seconds, limits.begin) },
          now: () => performance.now(),
        }),
  });
  const score = (assignment: Int32Array) => scoreOf(cluster, loads, assignment, secondary);
  const { order, kept, assignment } = settle(instance, found.assignment, maxMoves, score);
  return {
    before: score(instance.origin),
    after: score(assignment),
    primary: assignment,
    order,
    kept: kept.length,
    evaluations: found.evaluations,
    cpuSeconds: process.cpuUsage(started).user / 1e6,
  };
}

/** What a search may take of the time from `begin` on: the rest pays for the order of the moves and for writing. */
function secondsFor(cluster: HbalCluster, seconds: number, begin: number): number {
  const left = seconds - (performance.now() - begin) / 1000;
  return Math.max(0.01, 0.98 * left - 0.03 - cluster.instances.length * 1e-5);
}
