import { RepositoryError } from '../ports/index.js';
import { createMetrics, type Metrics } from '../server/metrics.js';
import { serve } from '../server/serve.js';
import { isUrl, systemClock } from './compose.js';
import { EXIT, type ExitCode } from './exit.js';
import { Failure } from './failure.js';
import { followClusters } from './follow-clusters.js';
import { measuredSource, measuredStatus } from './measure.js';
import { openRepository, type OpenRepository } from './open-repository.js';
import type { RepositoryOptions } from './options.js';
import type { Session } from './session.js';
import { pollSource, watchFolder, type SourceWatch } from './watch-source.js';

/** How the daemon runs. */
export interface WatchOptions extends RepositoryOptions {
  readonly poll: number;
  readonly listen: { readonly host: string; readonly port: number };
}

const TRY_AGAIN_MS = 5_000;

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
    const repository = await openPatiently(session, options, metrics, signal);
    if (repository === null) return EXIT.ok;
    const onPass = (): void => void (state.ready = true);
    const { news, ended } = followClusters(repository, { log: session.log, metrics, onPass }, signal);
    const { source } = options;
    watches.push(isUrl(source) ? pollSource(repository.source, options.poll, news) : watchFolder(source, news));
    await ended;
    return EXIT.ok;
  } finally {
    state.running = false;
    await Promise.all(watches.map((one) => one.close()));
    await server.close();
  }
}

/** A repository that is out of reach at the start is no reason to give up: somebody will mend it. Null: the signal came first. */
async function openPatiently(
  session: Session,
  options: WatchOptions,
  metrics: Metrics,
  signal: AbortSignal,
): Promise<OpenRepository | null> {
  while (!signal.aborted) {
    try {
      const opened = await openRepository(options, session.env);
      const { source, status } = opened;
      return { ...opened, source: measuredSource(source, metrics), status: measuredStatus(status, metrics) };
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof RepositoryError)) throw error;
      session.log.error({ err: error }, 'cannot start yet');
      await systemClock().sleep(TRY_AGAIN_MS, signal);
    }
  }
  return null;
}
