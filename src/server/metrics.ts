import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metric, ReservationPhase, Strategy } from '../model/index.js';

/** Reconciliations take from a second (nothing to do) to an hour (many machines). */
const PASS_SECONDS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600];
const SHORT_SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Downtime: a live migration's tens of milliseconds up to a cold move's minutes. */
const DOWNTIME_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 120, 600];
const PHASES: readonly ReservationPhase[] = ['Pending', 'Held', 'HandingOver', 'Bound', 'Released', 'Lost'];

/** What the daemon counts, in Prometheus' words. One instance a process; its registry is its own. */
export interface Metrics {
  reconciled(seconds: number): void;
  planned(seconds: number): void;
  gitRequest(operation: 'fetch' | 'push', seconds: number, succeeded: boolean): void;
  migrated(strategy: Strategy, result: 'succeeded' | 'undone' | 'degraded' | 'frozen' | 'skipped'): void;
  downtime(seconds: number): void;
  /** Replaces all entries of the cluster: a resource that is gone from the list is gone from the metric. */
  resources(
    cluster: string,
    entries: readonly {
      readonly kind: string;
      readonly name: string;
      readonly ready: 'True' | 'False' | 'Unknown';
      readonly suspended: boolean;
    }[],
  ): void;
  reservations(cluster: string, phases: readonly ReservationPhase[]): void;
  hostLoads(
    cluster: string,
    loads: readonly { readonly host: string; readonly metric: Metric; readonly ratio: number }[],
  ): void;
  /** The cluster is no longer looked at: what is shown of how it stands goes, and what was counted stays. */
  forget(cluster: string): void;
  /** The exposition text and its content type. */
  expose(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/** Creates the metrics with the names that dashboards and alerts rely on. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const passes = new Histogram({
    name: 'berth_reconcile_duration_seconds',
    help: 'Duration of a reconcile pass.',
    buckets: PASS_SECONDS,
    registers,
  });
  const plans = new Histogram({
    name: 'berth_plan_duration_seconds',
    help: 'Time that making a plan took.',
    buckets: SHORT_SECONDS,
    registers,
  });
  const gitSeconds = new Histogram({
    name: 'berth_git_request_duration_seconds',
    help: 'Duration of requests to the Git server.',
    labelNames: ['operation'],
    buckets: SHORT_SECONDS,
    registers,
  });
  const gitTotal = new Counter({
    name: 'berth_git_request_total',
    help: 'Requests to the Git server.',
    labelNames: ['operation', 'result'],
    registers,
  });
  const fetchFailures = new Counter({
    name: 'berth_git_fetch_failures_total',
    help: 'Fetches that failed.',
    registers,
  });
  const migrations = new Counter({
    name: 'berth_migrations_total',
    help: 'Moves of machines that ended.',
    labelNames: ['strategy', 'result'],
    registers,
  });
  const downtimes = new Histogram({
    name: 'berth_migration_downtime_seconds',
    help: 'How long a machine stood still in a move.',
    buckets: DOWNTIME_SECONDS,
    registers,
  });
  const resources = new Gauge({
    name: 'berth_resource_info',
    help: 'Resources and their condition Ready.',
    labelNames: ['kind', 'name', 'ready', 'suspended'],
    registers,
  });
  const reservations = new Gauge({
    name: 'berth_reservations',
    help: 'Reservations of devices by phase.',
    labelNames: ['phase'],
    registers,
  });
  const loads = new Gauge({
    name: 'berth_host_load_ratio',
    help: 'Load of a host, 0 to 1.',
    labelNames: ['host', 'metric'],
    registers,
  });
  const shownResources = ofClusters<Parameters<Metrics['resources']>[1][number]>((entries) => {
    resources.reset();
    for (const { kind, name, ready, suspended } of entries)
      resources.set({ kind, name, ready, suspended: String(suspended) }, 1);
  });
  const shownPhases = ofClusters<ReservationPhase>((phases) => {
    for (const phase of PHASES) reservations.set({ phase }, phases.filter((one) => one === phase).length);
  });
  const shownLoads = ofClusters<Parameters<Metrics['hostLoads']>[1][number]>((entries) => {
    loads.reset();
    for (const { host, metric, ratio } of entries) loads.set({ host, metric }, ratio);
  });
  return {
    reconciled: (seconds) => passes.observe(seconds),
    planned: (seconds) => plans.observe(seconds),
    gitRequest(operation, seconds, succeeded) {
      gitSeconds.observe({ operation }, seconds);
      gitTotal.inc({ operation, result: succeeded ? 'succeeded' : 'failed' });
      if (operation === 'fetch' && !succeeded) fetchFailures.inc();
    },
    migrated: (strategy, result) => migrations.inc({ strategy, result }),
    downtime: (seconds) => downtimes.observe(seconds),
    resources: shownResources.replace,
    reservations: shownPhases.replace,
    hostLoads: shownLoads.replace,
    forget(cluster) {
      for (const shown of [shownResources, shownPhases, shownLoads]) shown.replace(cluster, []);
    },
    async expose() {
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}

/** What stands of several clusters, shown together whenever that of one is replaced. */
function ofClusters<Entry>(show: (entries: readonly Entry[]) => void): {
  readonly replace: (cluster: string, entries: readonly Entry[]) => void;
} {
  const standing = new Map<string, readonly Entry[]>();
  return {
    replace: (cluster, entries) => {
      standing.set(cluster, entries);
      show([...standing.values()].flat());
    },
  };
}
