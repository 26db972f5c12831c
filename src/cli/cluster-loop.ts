import { randomUUID } from 'node:crypto';
import { RepositoryError } from '../ports/index.js';
import { followed, schedule, type PassFacts, type Scheduled } from '../reconcile/index.js';
import type { Metrics } from '../server/metrics.js';
import type { Logger } from './log.js';
import { measureMoves, measurePass } from './measure.js';
import type { OpenCluster } from './open-clusters.js';
import { tryPass, type PassResult } from './pass.js';

/** Whom the loops of a daemon tell what they do. */
export interface Listeners {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** A pass is over. */
  readonly onPass: (facts: PassFacts) => void;
}

/** Pass after pass over one cluster, until the signal comes. */
export function loopOver(cluster: OpenCluster, { log, metrics, onPass }: Listeners, signal: AbortSignal): Scheduled {
  const { name, intervalSeconds } = cluster.desired.cluster;
  const { source, begin, hasChanged } = followed(cluster.ports.source);
  const following = { ...cluster, ports: { ...cluster.ports, source } };
  let silent: ReadonlyMap<string, string> = new Map();
  return schedule({
    clock: cluster.ports.clock,
    intervalSeconds: (facts) => facts?.desired?.cluster.intervalSeconds ?? intervalSeconds,
    pass: async (cancel) => {
      begin();
      const started = performance.now();
      const child = log.child({ kind: 'Cluster', name, reconcileId: randomUUID() });
      const count = measureMoves(metrics);
      const result = await tryPass(following, null, cancel, (event) => {
        count(event);
        if (event.kind === 'step-ended')
          child.info({ stepId: event.step.id, result: event.outcome.kind }, `${event.direction} ${event.step.kind}`);
        else if (event.kind === 'note') child.info(event.message);
      });
      measurePass(result, (performance.now() - started) / 1000, metrics);
      logPass(child, result);
      silent = logSilences(child, silent, cluster.ports.silences());
      return result.facts;
    },
    hasChanged,
    onPass: (facts, next) => {
      onPass(facts);
      log.debug({ kind: 'Cluster', name, ...next }, 'next pass');
      return Promise.resolve();
    },
    signal,
  });
}

/** Hosts that have stopped answering are told of once, whatever is said of the next attempts, and so is the return of all. */
function logSilences(
  log: Logger,
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  for (const [host, silence] of now) if (!before.has(host)) log.warn({ host, reason: 'HostUnreachable' }, silence);
  if (now.size === 0 && before.size > 0) log.info('all hosts answer again');
  return now;
}

function logPass(log: Logger, { facts, published, error }: PassResult): void {
  const fields = {
    revision: facts.revision,
    planHash: facts.plan?.planHash,
    moves: facts.execution?.moves.length ?? 0,
    statusCommit: published?.commit ?? undefined,
  };
  if (error instanceof RepositoryError) log.warn({ ...fields, err: error }, 'status is queued until git is back');
  else if (error !== null) log.error({ ...fields, err: error, reason: facts.hold?.reason }, 'the pass broke');
  else if (facts.hold?.reason === 'Stopped' || facts.hold?.reason === 'ConnectionChanged')
    log.info({ ...fields, reason: facts.hold.reason }, facts.hold.message);
  else if (facts.hold !== null) log.warn({ ...fields, reason: facts.hold.reason }, facts.hold.message);
  else if (facts.execution !== null && facts.execution.result !== 'succeeded')
    log.error(fields, `plan ${facts.execution.result}: ${facts.execution.message}`);
  else log.info(fields, facts.execution === null ? 'nothing to do' : 'plan carried out');
}
