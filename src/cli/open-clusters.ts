import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createDocumentCache, loadDesired, type DocumentCache } from '../documents/index.js';
import { problem, type Desired } from '../model/index.js';
import { RepositoryError, type Source, type SourceTree, type StatusStore } from '../ports/index.js';
import { isStatusBranch } from '../status/index.js';
import { openCluster, openCommits, openStatus, repositoryState, type ClusterPorts } from './compose.js';
import { pick } from './documents.js';
import { EXIT } from './exit.js';
import { Failure } from './failure.js';
import type { RepositoryOptions } from './options.js';
import { openOutbox, type Outbox } from './publish.js';
import { readOpenedRevisions, rememberOpened } from './settled.js';

/** One cluster with everything that a pass over it needs. */
export interface OpenCluster {
  readonly ports: ClusterPorts & { readonly source: Source };
  readonly desired: Desired;
  readonly status: StatusStore;
  readonly outbox: Outbox;
  readonly cache: DocumentCache;
  /** Name of this process to others. */
  readonly holder: string;
}

/**
 * Opens the clusters that the branch describes: all, or the one that is named. When its newest commit cannot be read, those of the
 * last commit that could be: a pass over them ends what is open and says what is wrong. Without one, the problems end the command.
 */
export async function openClusters(
  options: RepositoryOptions,
  env: NodeJS.ProcessEnv,
  pace: number,
): Promise<readonly OpenCluster[]> {
  const source = await openCommits(options, env);
  const cache = createDocumentCache();
  const { tree, all } = await newestReadable(source, cache, repositoryState(options, env));
  const wanted = options.cluster === undefined ? all : [pick(all, options.cluster)];
  const status = await openStatus(options, env);
  await refuseForeignBranch(status, options.statusBranch);
  return Promise.all(wanted.map((desired) => open(desired, tree, { options, env, pace, source, status, cache })));
}

/** Keeps status off a branch that somebody else writes, before anything moves. A branch out of reach is looked at another time. */
async function refuseForeignBranch(status: StatusStore, branch: string): Promise<void> {
  const tree = await status.read().then(
    (found) => found.tree,
    (error: unknown) => {
      if (error instanceof RepositoryError) return null;
      throw error;
    },
  );
  if (tree === null || isStatusBranch(tree)) return;
  const message = `the branch ${branch} holds something else than status; Berth would write over it`;
  const hint = 'Name a branch of its own by --status-branch; it need not exist.';
  throw new Failure(EXIT.error, [problem({ code: 'StatusBranchTaken', message, hint })]);
}

interface Readable {
  readonly tree: SourceTree;
  readonly all: readonly Desired[];
}

async function newestReadable(source: Source, cache: DocumentCache, repositoryState: string): Promise<Readable> {
  try {
    return await readCommit(source, await source.fetch(), cache);
  } catch (error) {
    for (const revision of readOpenedRevisions(repositoryState)) {
      const earlier = await readCommit(source, revision, cache).catch(() => null);
      if (earlier !== null) return earlier;
    }
    throw error;
  }
}

async function readCommit(source: Source, revision: string, cache: DocumentCache): Promise<Readable> {
  const tree = await source.tree(revision);
  const loaded = await loadDesired(tree, cache);
  if (!loaded.ok) throw new Failure(EXIT.error, loaded.problems);
  return { tree, all: loaded.value };
}

async function open(
  desired: Desired,
  tree: SourceTree,
  given: {
    readonly options: RepositoryOptions;
    readonly env: NodeJS.ProcessEnv;
    readonly pace: number;
    readonly source: Source;
    readonly status: StatusStore;
    readonly cache: DocumentCache;
  },
): Promise<OpenCluster> {
  const ports = await openCluster(desired.cluster, tree, given.options, given.env, given.pace);
  rememberOpened(ports.state, tree.revision);
  const holder = `${hostname()}/${process.pid}/${randomBytes(3).toString('hex')}`;
  const { source, status, cache } = given;
  return { ports: { ...ports, source }, desired, status, outbox: openOutbox(status), cache, holder };
}

/** Gives back what a cluster holds open. */
export async function closeCluster({ ports }: OpenCluster): Promise<void> {
  await ports.hypervisor.close();
  await ports.journal.close();
}
