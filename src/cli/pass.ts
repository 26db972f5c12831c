import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createDocumentCache, loadDesired, type DocumentCache } from '../documents/index.js';
import { problem, type Desired, type Plan } from '../model/index.js';
import { brokenPass, runPass, type PassFacts, type ProgressEvent } from '../reconcile/index.js';
import { RepositoryError, type Source, type SourceTree, type StatusStore } from '../ports/index.js';
import { isStatusBranch } from '../status/index.js';
import { openCluster, openCommits, openStatus, repositoryState, type ClusterPorts } from './compose.js';
import { pick } from './documents.js';
import { EXIT, type ExitCode } from './exit.js';
import { Failure } from './failure.js';
import type { RepositoryOptions } from './options.js';
import { openMoveLog, openOutbox, type MoveLog, type Outbox, type Published } from './publish.js';
import { redact } from './redact.js';
import { isDamage } from './report-failure.js';
import { readOpenedRevisions, readSettledRevision, isSuspended, rememberOpened, settleRevision } from './settled.js';

const LEASE_SECONDS = 30;

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

/** What came of one pass. */
export interface PassResult {
  readonly facts: PassFacts;
  /** Null when nothing was to be said: somebody else has the lease, no commit could be read, or the given plan was stale. */
  readonly published: Published | null;
  /** What was thrown; null when nothing was. */
  readonly error: Error | null;
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

/** Runs one pass and publishes its status. `plan` is applied as it is; null: the pass plans by itself. */
export async function passOnce(
  cluster: OpenCluster,
  plan: Plan | null,
  signal: AbortSignal,
  onProgress: (event: ProgressEvent) => void,
): Promise<PassResult> {
  const result = await tryPass(cluster, plan, signal, onProgress);
  if (result.error !== null) throw result.error;
  return result;
}

/** The same for somebody who goes on whatever happens: what is thrown becomes a status that says so, and is handed back. */
export async function tryPass(
  cluster: OpenCluster,
  plan: Plan | null,
  signal: AbortSignal,
  onProgress: (event: ProgressEvent) => void,
): Promise<PassResult> {
  const moves = openMoveLog();
  const observer = (event: ProgressEvent): void => {
    moves.record(event);
    onProgress(event);
  };
  const passed = await settledPass(cluster, plan, signal, observer).catch(async (thrown: unknown) => {
    const error = errorOf(thrown);
    return { facts: await factsOf(error, cluster), error };
  });
  const said = await publish(cluster, passed.facts, moves).catch((thrown: unknown) => ({
    published: null,
    error: errorOf(thrown),
  }));
  const hold = passed.facts.hold ?? (said.error === null ? null : holdOf(said.error));
  return { facts: { ...passed.facts, hold }, published: said.published, error: passed.error ?? said.error };
}

interface Said {
  readonly published: Published | null;
  readonly error: Error | null;
}

async function publish({ outbox }: OpenCluster, facts: PassFacts, moves: MoveLog): Promise<Said> {
  // A plan that came too late says nothing about the cluster.
  const silent = facts.revision === null || facts.hold?.reason === 'Locked' || facts.hold?.reason === 'StalePlan';
  if (silent) outbox.keep(facts);
  return { published: silent ? null : await outbox.publish(facts, moves.results()), error: null };
}

async function settledPass(
  { ports, cache, holder }: OpenCluster,
  plan: Plan | null,
  signal: AbortSignal,
  onProgress: (event: ProgressEvent) => void,
): Promise<{ readonly facts: PassFacts; readonly error: Error | null }> {
  const facts = await runPass(ports, {
    holder,
    leaseSeconds: LEASE_SECONDS,
    previousRevision: readSettledRevision(ports.state),
    isSuspended: () => isSuspended(ports.state),
    cache,
    plan,
    signal,
    onProgress,
  });
  settleRevision(ports.state, facts);
  return { facts, error: null };
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

async function factsOf(error: Error, { ports }: OpenCluster): Promise<PassFacts> {
  return brokenPass(ports, await ports.source.fetch().catch(() => null), holdOf(error));
}

function holdOf(error: Error): NonNullable<PassFacts['hold']> {
  const message = redact(error.message);
  if (error instanceof RepositoryError) return { reason: 'GitUnreachable', message };
  return { reason: isDamage(error) ? 'StateDamaged' : 'Failed', message };
}

/** Gives back what a cluster holds open. */
export async function closeCluster({ ports }: OpenCluster): Promise<void> {
  await ports.hypervisor.close();
  await ports.journal.close();
}

/** What a pass says to the caller by the exit code. */
export function exitCodeOf({ hold, execution, recovered }: PassFacts): ExitCode {
  // A move of an earlier run that was taken back is settled; one that could not be finished is not.
  const unsettled = recovered.some(({ moves }) => moves.some(({ result }) => result === 'degraded'));
  if (hold === null)
    return unsettled || (execution !== null && execution.result !== 'succeeded') ? EXIT.error : EXIT.ok;
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
    case 'StateDamaged':
    case 'Failed':
      return EXIT.error;
  }
}
