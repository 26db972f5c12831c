import type { DesiredCluster, Problem } from '../model/index.js';
import type { Scheduled } from '../reconcile/index.js';
import { loopOver, type Listeners } from './cluster-loop.js';
import { systemClock } from './compose.js';
import { closeCluster, isReachedAs, type OpenCluster, type Prepared } from './open-clusters.js';
import type { Outbox } from './publish.js';
import { forgetOpened, suspensionFile } from './settled.js';
import { watchState } from './watch-source.js';

/** One cluster in the daemon: a loop over it, and another one whenever it is reached otherwise. */
export interface Keeper {
  /** True when this is how the cluster is reached, or will be from the next pass on. */
  reaches(cluster: DesiredCluster): boolean;
  /** Ends the loop after the running pass, and begins another one over what this opens. */
  reopen(prepared: Prepared): void;
  /** A commit cannot be followed: passes say what is wrong with it, and the loop goes on as it was opened. */
  refuse(cluster: DesiredCluster, problems: readonly Problem[]): void;
  /** Ends the loop after the running pass; nothing follows. */
  drop(): void;
  /** Asks for a pass now. */
  trigger(): void;
  readonly ended: Promise<void>;
}

/** What a keeper is given beside the cluster. */
interface Given extends Listeners {
  /** Outlives each opening, so that what waits for Git is not lost. */
  readonly outbox: Outbox;
  /** Folder of what is kept for the cluster. */
  readonly state: string;
  readonly signal: AbortSignal;
  /** Nobody wants the cluster any more, and it is closed. */
  readonly onDropped: () => void;
}

const TRY_AGAIN_MS = 5_000;
const REOPENED = 'a commit reaches the cluster otherwise: it is opened anew, after the running pass';
const DROPPED =
  'no document describes the cluster any more: nothing of it is reconciled, and its machines stay as they are';

/** Opens a cluster and loops over it until the signal comes or it is dropped. There is never more than one loop over it. */
export function keepCluster(first: Prepared, given: Given): Keeper {
  const { log, metrics, signal, outbox } = given;
  const { name } = first.desired.cluster;
  let wanted: Prepared | null = first;
  let refused: { readonly cluster: DesiredCluster; readonly problems: readonly Problem[] } | null = null;
  let turn = new AbortController();
  let loop: Scheduled | null = null;

  const end = (next: Prepared | null): void => {
    wanted = next;
    refused = null;
    turn.abort('another commit came');
  };
  const told = { kind: 'Cluster', name };
  const refuse = (opened: OpenCluster): OpenCluster['refuse'] => {
    return (cluster) =>
      refused !== null && isReachedAs(refused.cluster, cluster) ? invalid(refused.problems) : opened.refuse(cluster);
  };
  const oneTurn = async ({ open }: Prepared): Promise<void> => {
    turn = new AbortController();
    const until = AbortSignal.any([signal, turn.signal]);
    const opened = opening(() => open(outbox));
    if (opened instanceof Error) {
      log.error({ ...told, err: opened }, 'cannot open the cluster yet');
      return systemClock().sleep(TRY_AGAIN_MS, until);
    }
    loop = loopOver({ ...opened, refuse: refuse(opened) }, given, until);
    await loop.ended.finally(() => closeCluster(opened));
  };
  const run = async (): Promise<void> => {
    const suspension = watchState(suspensionFile(given.state), () => loop?.trigger());
    while (wanted !== null && !signal.aborted) await oneTurn(wanted);
    if (wanted === null) {
      metrics.forget(name);
      given.onDropped();
    }
    await suspension.close();
  };
  return {
    reaches: (cluster) => wanted !== null && isReachedAs(wanted.desired.cluster, cluster),
    reopen: (prepared) => {
      log.info({ ...told, revision: prepared.desired.revision }, REOPENED);
      end(prepared);
    },
    refuse: (cluster, problems) => {
      const isKnown = refused !== null && isReachedAs(refused.cluster, cluster);
      refused = { cluster, problems };
      if (!isKnown) loop?.trigger();
    },
    drop: () => {
      if (wanted === null) return;
      log.warn(told, DROPPED);
      forgetOpened(given.state);
      end(null);
    },
    trigger: () => loop?.trigger(),
    ended: run(),
  };
}

function opening(open: () => OpenCluster): OpenCluster | Error {
  try {
    return open();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function invalid(problems: readonly Problem[]): ReturnType<OpenCluster['refuse']> {
  const message = problems.map((one) => one.message).join('; ');
  return { hold: { reason: 'InvalidDocument', message }, problems };
}
