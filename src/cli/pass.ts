import type { Plan } from '../model/index.js';
import { solve } from '../portfolio/solve.js';
import { brokenPass, runPass, type HoldReason, type PassFacts, type ProgressEvent } from '../reconcile/index.js';
import { RepositoryError } from '../ports/index.js';
import { EXIT, type ExitCode } from './exit.js';
import type { OpenCluster } from './open-clusters.js';
import { openMoveLog, type MoveLog, type Published } from './publish.js';
import { redact } from './redact.js';
import { isDamage } from './report-failure.js';
import { isSuspended, readSettledRevision, readSuspension, settleRevision } from './settled.js';

const LEASE_SECONDS = 30;

/** What came of one pass. */
export interface PassResult {
  readonly facts: PassFacts;
  /** Null when nothing was to be said: somebody else has the lease, no commit could be read, or the given plan was stale. */
  readonly published: Published | null;
  /** What was thrown; null when nothing was. */
  readonly error: Error | null;
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

/** What came too late, or is another's to say, says nothing about the cluster. */
const SILENT: readonly HoldReason[] = ['Locked', 'StalePlan', 'ConnectionChanged'];

interface Said {
  readonly published: Published | null;
  readonly error: Error | null;
}

async function publish({ outbox }: OpenCluster, facts: PassFacts, moves: MoveLog): Promise<Said> {
  const silent = facts.revision === null || (facts.hold !== null && SILENT.includes(facts.hold.reason));
  if (silent) outbox.keep(facts);
  return { published: silent ? null : await outbox.publish(facts, moves.results()), error: null };
}

async function settledPass(
  { ports, cache, holder, refuse }: OpenCluster,
  plan: Plan | null,
  signal: AbortSignal,
  onProgress: (event: ProgressEvent) => void,
): Promise<{ readonly facts: PassFacts; readonly error: Error | null }> {
  const facts = await runPass(ports, {
    holder,
    leaseSeconds: LEASE_SECONDS,
    solve,
    previousRevision: readSettledRevision(ports.state),
    isSuspended: () => isSuspended(ports.state),
    suspendedWhy: () => readSuspension(ports.state)?.reason ?? '',
    cache,
    refuse,
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
    case 'ConnectionChanged':
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
