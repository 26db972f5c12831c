import { join } from 'node:path';
import type { Desired } from '../model/index.js';
import type { SourceTree } from '../ports/index.js';
import type { Listeners } from './cluster-loop.js';
import { Failure } from './failure.js';
import { keepCluster, type Keeper } from './keep-cluster.js';
import { prepare } from './open-clusters.js';
import type { OpenRepository } from './open-repository.js';
import { openOutbox } from './publish.js';
import { rememberOpened } from './settled.js';

/** The clusters that a daemon reconciles, each by a loop of its own. */
export interface Fleet {
  /**
   * Follows a commit: keeps the clusters that are wanted and no others, each as it is reached now. A cluster that is reached as before goes on
   * undisturbed, and one that cannot be opened as it is described goes on as it is. Throws what is wrong with one that is not kept yet.
   */
  settle(wanted: readonly Desired[], tree: SourceTree): Promise<void>;
  isEmpty(): boolean;
  /** Asks for a pass over each cluster. */
  trigger(): void;
  /** Resolves when nothing runs any more; after the signal, that is soon. */
  idle(): Promise<void>;
}

/** In a daemon simulated time passes as fast as real time. */
const PACE = 1;

/** A fleet without clusters. `onFailure` hears of what no loop should throw. */
export function openFleet(
  repository: OpenRepository,
  listeners: Listeners,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
): Fleet {
  const keepers = new Map<string, Keeper>();
  const stateOf = (name: string): string => join(repository.state, name);
  const settleOne = async (desired: Desired, tree: SourceTree): Promise<readonly Failure[]> => {
    const { name } = desired.cluster;
    if (keepers.get(name)?.reaches(desired.cluster) === true) {
      rememberOpened(stateOf(name), tree.revision);
      return [];
    }
    const prepared = await prepare(desired, tree, repository, PACE).catch(failureOf);
    // A cluster that was dropped earlier may have ended by now.
    const keeper = keepers.get(name);
    if (prepared instanceof Failure) {
      keeper?.refuse(desired.cluster, prepared.problems);
      return keeper === undefined ? [prepared] : [];
    }
    if (keeper !== undefined) {
      keeper.reopen(prepared);
      return [];
    }
    const begun = keepCluster(prepared, {
      ...listeners,
      outbox: openOutbox(repository.status),
      state: stateOf(name),
      signal,
      onDropped: () => keepers.delete(name),
    });
    keepers.set(name, begun);
    begun.ended.catch(onFailure);
    return [];
  };
  return {
    settle: async (wanted, tree) => {
      const names = new Set(wanted.map(({ cluster }) => cluster.name));
      for (const [name, keeper] of keepers) if (!names.has(name)) keeper.drop();
      const failures: Failure[] = [];
      for (const desired of wanted) failures.push(...(await settleOne(desired, tree)));
      const [first] = failures;
      if (first === undefined) return;
      throw new Failure(
        first.exitCode,
        failures.flatMap(({ problems }) => problems),
      );
    },
    isEmpty: () => keepers.size === 0,
    trigger: () => {
      for (const keeper of keepers.values()) keeper.trigger();
    },
    idle: async () => {
      await Promise.all([...keepers.values()].map(({ ended }) => ended));
    },
  };
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}
