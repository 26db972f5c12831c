import type { Desired } from '../model/index.js';
import { RepositoryError, type SourceTree } from '../ports/index.js';
import type { PassFacts } from '../reconcile/index.js';
import type { Listeners } from './cluster-loop.js';
import { systemClock } from './compose.js';
import { pick } from './documents.js';
import { Failure } from './failure.js';
import { openFleet } from './fleet.js';
import { newestReadable, readCommit, type OpenRepository } from './open-repository.js';

/** The clusters of the newest commit, for as long as the daemon runs. */
export interface Follower {
  /** The source may have another commit, or can be reached again: every cluster gets a pass. */
  readonly news: () => void;
  /** Resolves after the signal, when running passes are over and everything is closed. Rejects for a bug. */
  readonly ended: Promise<void>;
}

const TRY_AGAIN_MS = 5_000;
/** Revision of a plain folder, whatever is in it. */
const FOLDER = 'folder';

/**
 * Reconciles the clusters that a repository describes: all, or the one that is named. Between passes it looks whether another commit brings a
 * cluster, takes one away, or reaches one otherwise. A commit that cannot be read changes nothing; passes say why.
 */
export function followClusters(repository: OpenRepository, listeners: Listeners, signal: AbortSignal): Follower {
  const { log } = listeners;
  /** The commit that was looked at last; null until there is one that can be followed. */
  let seen: string | null = null;
  let isNews = false;
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));

  const onPass = (facts: PassFacts): void => {
    listeners.onPass(facts);
    const isOther = facts.revision !== null && facts.revision !== seen;
    if (isOther || facts.hold?.reason === 'ConnectionChanged') looking.ask();
  };
  const fleet = openFleet(repository, { ...listeners, onPass }, signal, (error) => fail(error));

  const settle = async (wanted: readonly Desired[], tree: SourceTree): Promise<void> => {
    await fleet.settle(wanted, tree).catch((error: unknown) => {
      // What is wrong in a commit stays wrong in it; those that could be opened go on.
      if (error instanceof Failure && !fleet.isEmpty()) seen = tree.revision;
      throw error;
    });
    seen = tree.revision;
  };
  const lookFirst = async (): Promise<void> => {
    const { tree, all } = await newestReadable(repository);
    const { cluster } = repository.options;
    await settle(cluster === undefined ? all : [pick(all, cluster)], tree);
  };
  const lookAgain = async (): Promise<void> => {
    const tip = await repository.source.fetch();
    if (tip === seen && tip !== FOLDER) return;
    const read = await readCommit(repository, tip);
    if (read.ok) await settle(meant(read.value.all, repository.options.cluster), read.value.tree);
    else seen = tip;
  };
  const tell = (error: unknown): void => {
    if (!(error instanceof Failure) && !(error instanceof RepositoryError)) {
      fail(error);
      return;
    }
    log.error({ err: error }, seen === null ? 'cannot start yet' : 'cannot follow the newest commit yet');
    if (seen === null) void systemClock().sleep(TRY_AGAIN_MS, signal).then(looking.ask);
  };
  const looking = oneAtATime(async () => {
    const forAll = isNews;
    isNews = false;
    if (!signal.aborted) await (seen === null ? lookFirst() : lookAgain()).catch(tell);
    if (forAll) fleet.trigger();
  });
  const end = async (): Promise<void> => {
    await aborted(signal);
    await looking.idle();
    await fleet.idle();
  };
  looking.ask();
  return {
    news: () => {
      isNews = true;
      looking.ask();
    },
    ended: Promise.race([end(), failed]),
  };
}

/** The named one may be missing: it was there, and may come back. */
function meant(all: readonly Desired[], name: string | undefined): readonly Desired[] {
  return name === undefined ? all : all.filter(({ cluster }) => cluster.name === name);
}

/** Work that never runs twice at once; whoever asks while it runs gets it once more. */
function oneAtATime(work: () => Promise<void>): { readonly ask: () => void; readonly idle: () => Promise<void> } {
  let isAsked = false;
  let running: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    while (isAsked) {
      isAsked = false;
      await work();
    }
    running = null;
  };
  return {
    ask: () => {
      isAsked = true;
      running ??= run();
    },
    idle: async () => {
      await running;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
