import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { DocumentCache } from '../documents/index.js';
import { canonicalJson, type Desired, type DesiredCluster } from '../model/index.js';
import type { Source, SourceTree, StatusStore } from '../ports/index.js';
import type { Refusal } from '../reconcile/index.js';
import { prepareCluster, type ClusterPorts } from './compose.js';
import { pick } from './documents.js';
import { newestReadable, openRepository, type OpenRepository } from './open-repository.js';
import type { RepositoryOptions } from './options.js';
import { openOutbox, type Outbox } from './publish.js';
import { rememberOpened } from './settled.js';

/** One cluster with everything that a pass over it needs. */
export interface OpenCluster {
  readonly ports: ClusterPorts & { readonly source: Source };
  readonly desired: Desired;
  readonly status: StatusStore;
  readonly outbox: Outbox;
  readonly cache: DocumentCache;
  /** Name of this process to others. */
  readonly holder: string;
  /** What keeps the documents of a commit from being followed over these ports; null: nothing does. */
  readonly refuse: (cluster: DesiredCluster) => Refusal | null;
}

/** A cluster whose description is in order: what is left is to open it. */
export interface Prepared {
  readonly desired: Desired;
  /** Connects to it; what is to be said of it goes to the outbox. */
  readonly open: (outbox: Outbox) => OpenCluster;
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
  const repository = await openRepository(options, env);
  const { tree, all } = await newestReadable(repository);
  const wanted = options.cluster === undefined ? all : [pick(all, options.cluster)];
  const prepared = await Promise.all(wanted.map((desired) => prepare(desired, tree, repository, pace)));
  return prepared.map(({ open }) => open(openOutbox(repository.status)));
}

/** Checks what a commit says of how a cluster is reached; throws what is wrong with it. Nothing is opened yet. */
export async function prepare(
  desired: Desired,
  tree: SourceTree,
  { options, env, source, status, cache }: OpenRepository,
  pace: number,
): Promise<Prepared> {
  const openPorts = await prepareCluster(desired.cluster, tree, options, env, pace);
  const open: Prepared['open'] = (outbox) => {
    const ports = { ...openPorts(), source };
    rememberOpened(ports.state, tree.revision);
    const holder = `${hostname()}/${process.pid}/${randomBytes(3).toString('hex')}`;
    const refuse: OpenCluster['refuse'] = (cluster) => (isReachedAs(desired.cluster, cluster) ? null : MOVED);
    return { ports, desired, status, outbox, cache, holder, refuse };
  };
  return { desired, open };
}

const MOVED: Refusal = {
  hold: { reason: 'ConnectionChanged', message: 'the commit reaches the cluster otherwise than it was opened' },
  problems: [],
};

/** True when two commits reach a cluster in the same way, so that what was opened by one serves the other. */
export function isReachedAs(one: DesiredCluster, other: DesiredCluster): boolean {
  const way = ({ driver, connection }: DesiredCluster): string => canonicalJson({ driver, connection });
  return way(one) === way(other);
}

/** Gives back what a cluster holds open. */
export async function closeCluster({ ports }: OpenCluster): Promise<void> {
  await ports.hypervisor.close();
  await ports.journal.close();
}
