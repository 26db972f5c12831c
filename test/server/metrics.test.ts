import { describe, expect, it } from 'vitest';
import { createMetrics, type Metrics } from '../../src/server/metrics.js';

async function text(metrics: Metrics): Promise<string> {
  return (await metrics.expose()).text;
}

describe('metrics', () => {
  it('carry the names that dashboards rely on', async () => {
    const exposed = await text(createMetrics());
    const names = [...exposed.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map((match) => `${match[1]} ${match[2]}`).sort();
    expect(names).toEqual([
      'berth_git_fetch_failures_total counter',
      'berth_git_request_duration_seconds histogram',
      'berth_git_request_total counter',
      'berth_host_load_ratio gauge',
      'berth_migration_downtime_seconds histogram',
      'berth_migrations_total counter',
      'berth_plan_duration_seconds histogram',
      'berth_reconcile_duration_seconds histogram',
      'berth_reservations gauge',
      'berth_resource_info gauge',
    ]);
  });

  it('count a failed fetch twice: as a request and as a failure', async () => {
    const metrics = createMetrics();
    metrics.gitRequest('fetch', 0.1, false);
    metrics.gitRequest('push', 0.1, false);
    const exposed = await text(metrics);
    expect(exposed).toContain('berth_git_fetch_failures_total 1');
    expect(exposed).toContain('berth_git_request_total{operation="fetch",result="failed"} 1');
    expect(exposed).toContain('berth_git_request_total{operation="push",result="failed"} 1');
  });

  it('forget a resource that is gone', async () => {
    const metrics = createMetrics();
    metrics.resources('edge', [{ kind: 'VirtualMachine', name: 'du-1', ready: 'False', suspended: false }]);
    metrics.resources('edge', [{ kind: 'VirtualMachine', name: 'du-2', ready: 'True', suspended: true }]);
    const exposed = await text(metrics);
    expect(exposed).not.toContain('du-1');
    expect(exposed).toContain('berth_resource_info{kind="VirtualMachine",name="du-2",ready="True",suspended="true"} 1');
  });

  it('show clusters side by side, and forget one as a whole', async () => {
    const metrics = createMetrics();
    for (const cluster of ['edge', 'core']) {
      metrics.resources(cluster, [{ kind: 'Host', name: `${cluster}-1`, ready: 'True', suspended: false }]);
      metrics.reservations(cluster, ['Bound']);
      metrics.hostLoads(cluster, [{ host: `${cluster}-1`, metric: 'cpu', ratio: 0.5 }]);
    }
    const both = await text(metrics);
    expect(both).toContain('name="edge-1"');
    expect(both).toContain('host="edge-1"');
    expect(both).toContain('berth_reservations{phase="Bound"} 2');
    metrics.forget('edge');
    const one = await text(metrics);
    expect(one).not.toContain('edge-1');
    expect(one).toContain('name="core-1"');
    expect(one).toContain('berth_reservations{phase="Bound"} 1');
  });

  it('count reservations by phase, zero included, so that a drop is seen', async () => {
    const metrics = createMetrics();
    metrics.reservations('edge', ['Held', 'Bound', 'Bound']);
    const exposed = await text(metrics);
    expect(exposed).toContain('berth_reservations{phase="Bound"} 2');
    expect(exposed).toContain('berth_reservations{phase="Lost"} 0');
  });

  it('measure moves by strategy and result, and their downtime', async () => {
    const metrics = createMetrics();
    metrics.migrated('vfio-live', 'succeeded');
    metrics.downtime(0.04);
    const exposed = await text(metrics);
    expect(exposed).toContain('berth_migrations_total{strategy="vfio-live",result="succeeded"} 1');
    expect(exposed).toContain('berth_migration_downtime_seconds_bucket{le="0.1"} 1');
    expect(exposed).toContain('berth_migration_downtime_seconds_bucket{le="0.03"} 0');
  });
});
