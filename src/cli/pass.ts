import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createDocumentCache, loadDesired, type DocumentCache } from '../documents/index.js';
import type { Desired, Plan } from '../model/index.js';
import { runPass, type PassFacts, type ProgressEvent } from '../reconcile/index.js';
import type { Source, SourceTree, StatusStore } from '../ports/index.js';
import { openCluster, openCommits, openStatus, repositoryState, type ClusterPorts } from './compose.js';
import { pick } from './documents.js';
import { EXIT, type ExitCode } from './exit.js';
import { Failure } from './failure.js';
import type { RepositoryOptions } from './options.js';
import { openMoveLog, publishStatus, type Published } from './publish.js';
import { readOpenedRevisions, readSettledRevision, readSuspension, rememberOpened, settleRevision } from './settled.js';

const LEASE_SECONDS = 30;

/** One cluster with everything that a pass over it needs. */
export interface OpenCluster {
  readonly ports: ClusterPorts & { readonly source: Source };
  readonly desired: Desired;
  readonly status: StatusStore;
  readonly cache: DocumentCache;
  /** Name of this process to others. */
  readonly holder: string;
}

/** What came of one pass. */
export interface PassResult {
  readonly facts: PassFacts;
  /** Null when nothing was to be said: somebody else has the lease, no commit could be read, or the given plan was stale. */
  readonly published: Published | null;
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
  return Promise.all(wanted.map((desired) => open(desired, tree, { options, env, pace, source, status, cache })));
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
  return { ports: { ...ports, source: given.source }, desired, status: given.status, cache: given.cache, holder };
}

/** Runs one pass and publishes its status. `plan` is applied as it is; null: the pass plans by itself. */
export async function passOnce(
  cluster: OpenCluster,
  plan: Plan | null,
  signal: AbortSignal,
  onProgress: (event: ProgressEvent) => void,
): Promise<PassResult> {
  const { ports, status, cache, holder } = cluster;
  const moves = openMoveLog();
  const facts = await runPass(ports, {
    holder,
    leaseSeconds: LEASE_SECONDS,
    previousRevision: readSettledRevision(ports.state),
    suspended: readSuspension(ports.state) !== null,
    cache,
    plan,
    signal,
    onProgress: (event) => {
      moves.record(event);
      onProgress(event);
    },
  });
  settleRevision(ports.state, facts);
  // A plan that came too late says nothing about the cluster.
  const silent = facts.revision === null || facts.hold?.reason === 'Locked' || facts.hold?.reason === 'StalePlan';
  const published = silent ? null : await publishStatus(status, facts, moves.results());
  return { facts, published };
}

/** Gives back what a cluster holds open. */
export async function closeCluster({ ports }: OpenCluster): Promise<void> {
  await ports.hypervisor.close();
  await ports.journal.close();
}

/** What a pass says to the caller by the exit code. */
export function exitCodeOf({ hold, execution, recovered }: PassFacts): ExitCode {
  const runs = [...recovered, ...(execution === null ? [] : [execution])];
  if (hold === null) return runs.every(({ result }) => result === 'succeeded') ? EXIT.ok : EXIT.error;
  switch (hold.reason) {
    case 'Locked':
    case 'LeaseLost':
    case 'Frozen':
    case 'Suspended':
      return EXIT.locked;
    case 'BlastRadius':
    case 'ApprovalRequired':
    case 'WindowClosed':
    case 'PlanRejected':
      return EXIT.denied;
    case 'StalePlan':
      return EXIT.stale;
    case 'GitUnreachable':
    case 'SourceRewound':
    case 'InvalidDocument':
    case 'ClusterMissing':
    case 'Stopped':
      return EXIT.error;
  }
}
