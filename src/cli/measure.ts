import type { Metric } from '../model/index.js';
import type { Source, StatusStore } from '../ports/index.js';
import type { ProgressEvent } from '../reconcile/index.js';
import type { Metrics } from '../server/metrics.js';
import { readConditions } from '../status/index.js';
import type { PassResult } from './pass.js';

/** Counts and times what a source asks of the Git server. */
export function measuredSource(source: Source, metrics: Metrics): Source {
  return {
    fetch: () => timed(metrics, 'fetch', () => source.fetch()),
    tree: (revision) => source.tree(revision),
    relation: (previous, revision) => source.relation(previous, revision),
  };
}

/** Counts and times status commits. */
export function measuredStatus(store: StatusStore, metrics: Metrics): StatusStore {
  return {
    read: () => store.read(),
    publish: (publication) => timed(metrics, 'push', () => store.publish(publication)),
    log: (limit) => store.log(limit),
  };
}

async function timed<T>(metrics: Metrics, operation: 'fetch' | 'push', work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const end = (succeeded: boolean): void =>
    metrics.gitRequest(operation, (performance.now() - started) / 1000, succeeded);
  try {
    const result = await work();
    end(true);
    return result;
  } catch (error) {
    end(false);
    throw error;
  }
}

/** Counts moves and their downtime while a plan is carried out. */
export function measureMoves(metrics: Metrics): (event: ProgressEvent) => void {
  const strategies = new Map<string, Parameters<Metrics['migrated']>[0]>();
  return (event) => {
    if (event.kind === 'plan-started') for (const move of event.plan.moves) strategies.set(move.id, move.strategy);
    if (event.kind === 'step-ended' && event.outcome.kind === 'done' && event.outcome.measured !== undefined)
      metrics.downtime(event.outcome.measured.downtimeMs / 1000);
    if (event.kind !== 'move-ended') return;
    const strategy = strategies.get(event.move);
    if (strategy !== undefined) metrics.migrated(strategy, event.result);
  };
}

/** Shows what a pass saw at its end. */
export function measurePass({ facts, published }: PassResult, seconds: number, metrics: Metrics): void {
  metrics.reconciled(seconds);
  if (facts.planSeconds !== null) metrics.planned(facts.planSeconds);
  const { cluster } = facts;
  if (published !== null)
    metrics.resources(cluster, resourcesOf(published.documents, facts.hold?.reason === 'Suspended'));
  if (facts.world === null) return;
  metrics.reservations(
    cluster,
    facts.world.reservations.map(({ phase }) => phase),
  );
  const newest = new Map<string, { readonly host: string; readonly metric: Metric; readonly ratio: number }>();
  for (const { subject, metric, value } of facts.world.samples)
    if (subject.kind === 'host') newest.set(`${subject.name} ${metric}`, { host: subject.name, metric, ratio: value });
  metrics.hostLoads(cluster, [...newest.values()]);
}

const KINDS: Readonly<Record<string, string>> = { machines: 'VirtualMachine', hosts: 'Host' };

/** Every status document is a resource; its condition Ready is what is shown. */
function resourcesOf(documents: ReadonlyMap<string, string>, suspended: boolean): Parameters<Metrics['resources']>[1] {
  return [...documents].flatMap(([path, text]) => {
    const [, cluster = '', folder = '', file = ''] =
      /^clusters\/([^/]+)\/(?:(machines|hosts)\/)?([^/]+)\.yaml$/.exec(path) ?? [];
    if (file === '') return [];
    const ready = readConditions(text).find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
    const kind = KINDS[folder];
    return kind === undefined
      ? [{ kind: 'Cluster', name: cluster, ready, suspended }]
      : [{ kind, name: file, ready, suspended: false }];
  });
}
