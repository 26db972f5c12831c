import { randomUUID } from 'node:crypto';
import { RepositoryError } from '../ports/index.js';
import { createMetrics } from '../server/metrics.js';
import { serve } from '../server/serve.js';
import { followed, schedule, type Scheduled } from '../reconcile/index.js';
import { isUrl } from './compose.js';
import { EXIT, type ExitCode } from './exit.js';
import { Failure } from './failure.js';
import { measuredSource, measuredStatus, measureMoves, measurePass } from './measure.js';
import type { RepositoryOptions } from './options.js';
import { closeCluster, openClusters, type OpenCluster } from './open-clusters.js';
import { tryPass, type PassResult } from './pass.js';
import { openOutbox } from './publish.js';
import type { Session } from './session.js';
import { suspensionFile } from './settled.js';
import { pollSource, watchFolder, watchState, type SourceWatch } from './watch-source.js';

/** How the daemon runs. */
export interface WatchOptions extends RepositoryOptions {
  readonly poll: number;
  readonly listen: { readonly host: string; readonly port: number };
}

/** In a daemon simulated time passes as fast as real time. */
const PACE = 1;
const FIRST_TRY_AGAIN_MS = 5_000;

/** The daemon: pass after pass over every cluster until the signal comes; running moves end first. */
export async function watch(session: Session, options: WatchOptions, signal: AbortSignal): Promise<ExitCode> {
  const metrics = createMetrics();
  const state = { ready: false, running: true };
  const server = await serve({
    ...options.listen,
    metrics,
    probes: { healthy: () => state.running, ready: () => state.ready },
  });
  session.log.info({ url: server.url }, 'serving health and metrics');
  const watches: SourceWatch[] = [];
  try {
    const opened = await openPatiently(session, options, signal);
    const clusters = opened.map((one) => ({
      ...one,
      ports: { ...one.ports, source: measuredSource(one.ports.source, metrics) },
      outbox: openOutbox(measuredStatus(one.status, metrics)),
    }));
    const loops = clusters.map((cluster) => follow(session, cluster, metrics, signal, () => (state.ready = true)));
    const onNews = (): void => loops.forEach((loop) => loop.trigger());
    const source = clusters[0]?.ports.source;
    if (source !== undefined)
      watches.push(
        isUrl(options.source) ? pollSource(source, options.poll, onNews) : watchFolder(options.source, onNews),
      );
    clusters.forEach(({ ports }, index) =>
      watches.push(watchState(suspensionFile(ports.state), () => loops[index]?.trigger())),
    );
    await Promise.all(loops.map(({ ended }) => ended));
    await Promise.all(clusters.map(closeCluster));
    return EXIT.ok;
  } finally {
    state.running = false;
    await Promise.all(watches.map((one) => one.close()));
    await server.close();
  }
}

/** One cluster's loop. */
function follow(
  { log }: Session,
  cluster: OpenCluster,
  metrics: ReturnType<typeof createMetrics>,
  signal: AbortSignal,
  onReady: () => void,
): Scheduled {
  const { name, intervalSeconds } = cluster.desired.cluster;
  const { source, begin, hasChanged } = followed(cluster.ports.source);
  const following = { ...cluster, ports: { ...cluster.ports, source } };
  let silent: ReadonlyMap<string, string> = new Map();
  const scheduled = schedule({
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
    onPass: (_facts, next) => {
      onReady();
      log.debug({ kind: 'Cluster', name, ...next }, 'next pass');
      return Promise.resolve();
    },
    signal,
  });
  return scheduled;
}

/** Hosts that have stopped answering are told of once, whatever is said of the next attempts, and so is the return of all. */
function logSilences(
  log: Session['log'],
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  for (const [host, silence] of now) if (!before.has(host)) log.warn({ host, reason: 'HostUnreachable' }, silence);
  if (now.size === 0 && before.size > 0) log.info('all hosts answer again');
  return now;
}

function logPass(log: Session['log'], { facts, published, error }: PassResult): void {
  const fields = {
    revision: facts.revision,
    planHash: facts.plan?.planHash,
    moves: facts.execution?.moves.length ?? 0,
    statusCommit: published?.commit ?? undefined,
  };
  if (error instanceof RepositoryError) log.warn({ ...fields, err: error }, 'status is queued until git is back');
  else if (error !== null) log.error({ ...fields, err: error, reason: facts.hold?.reason }, 'the pass broke');
  else if (facts.hold?.reason === 'Stopped') log.info({ ...fields, reason: 'Stopped' }, facts.hold.message);
  else if (facts.hold !== null) log.warn({ ...fields, reason: facts.hold.reason }, facts.hold.message);
  else if (facts.execution !== null && facts.execution.result !== 'succeeded')
    log.error(fields, `plan ${facts.execution.result}: ${facts.execution.message}`);
  else log.info(fields, facts.execution === null ? 'nothing to do' : 'plan carried out');
}

/** A repository that is out of reach or invalid at the start is no reason to give up: somebody will mend it. */
async function openPatiently(
  session: Session,
  options: WatchOptions,
  signal: AbortSignal,
): Promise<readonly OpenCluster[]> {
  while (!signal.aborted) {
    try {
      return await openClusters(options, session.env, PACE);
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof Error && error.name === 'RepositoryError')) throw error;
      session.log.error({ err: error }, 'cannot start yet');
      await pause(FIRST_TRY_AGAIN_MS, signal);
    }
  }
  return [];
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
