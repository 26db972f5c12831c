import type { LoadSample, Metric } from '../../model/index.js';
import type { Telemetry } from '../../ports/index.js';
import type { Connection } from './connection.js';
import { Meter } from './meter.js';
import type { ClusterState } from './state.js';

/** Digits behind the point of a value; more would only show how sums are rounded. */
const DIGITS = 6;

/** Load of a simulated cluster, made by its guests: a host's is the sum over the machines that were on it at each moment. */
export class SimulatedTelemetry implements Telemetry {
  readonly #line: Connection;

  constructor(connection: Connection) {
    this.#line = connection;
  }

  async samples(query: {
    readonly until: number;
    readonly windowSeconds: number;
    readonly windows: number;
  }): Promise<readonly LoadSample[]> {
    const call = this.#line.open('samples');
    await this.#line.wait(this.#line.durationMs(call, 'observe'));
    if (call.fault === 'crash-during' || call.fault === 'crash-after') this.#line.crash(call);
    if (call.fault !== null) return [];
    const { scenario } = this.#line.cluster;
    const state = this.#line.cluster.look();
    const windowMs = query.windowSeconds * 1000;
    const newest = Math.floor(Math.min(query.until, state.at) / windowMs) * windowMs;
    const ends = Array.from({ length: query.windows }, (_, i) => newest - (query.windows - 1 - i) * windowMs);
    const recordedFrom = scenario.startsAt - scenario.historySeconds * 1000;
    const meter = new Meter(state, scenario.loads, scenario.startsAt);
    return ends
      .filter((end) => end - windowMs >= recordedFrom)
      .flatMap((end) => [
        ...machineSamples(state, meter, end, query.windowSeconds),
        ...hostSamples(state, meter, end, query.windowSeconds),
      ]);
  }
}

/** A machine that nobody can reach now is left out, and so is one that did not run in the window. */
function machineSamples(
  state: Readonly<ClusterState>,
  meter: Meter,
  at: number,
  windowSeconds: number,
): readonly LoadSample[] {
  const up = new Set(state.hosts.filter((host) => host.state === 'up').map((host) => host.name));
  const here = state.presence.filter((entry) => entry.to === null && up.has(entry.host));
  return [...new Set(here.map((entry) => entry.machine))].flatMap((name) => {
    const mean = meter.ofMachine(name, at, windowSeconds);
    if (mean === null) return [];
    const sample = (metric: Metric, value: number): LoadSample => ({
      subject: { kind: 'machine', name },
      metric,
      value: rounded(value),
      at,
      windowSeconds,
    });
    return [sample('cpu', mean.cpus), sample('memory', mean.memoryMiB), sample('network', mean.networkMbps)];
  });
}

function hostSamples(
  state: Readonly<ClusterState>,
  meter: Meter,
  at: number,
  windowSeconds: number,
): readonly LoadSample[] {
  return state.hosts.flatMap((host) => {
    if (host.state !== 'up') return [];
    const mean = meter.ofHost(host.name, at, windowSeconds);
    const sample = (metric: Metric, use: number, capacity: number): readonly LoadSample[] => {
      const subject = { kind: 'host', name: host.name } as const;
      return capacity > 0 ? [{ subject, metric, value: rounded(use / capacity), at, windowSeconds }] : [];
    };
    const speeds = host.devices.map(({ function: what }) => (what.kind === 'pf' ? what.speedMbps : 0));
    return [
      ...sample('cpu', mean.cpus, total(host.numaNodes.map((node) => node.cpus))),
      ...sample('memory', mean.memoryMiB, total(host.numaNodes.map((node) => node.memoryMiB))),
      ...sample('network', mean.networkMbps, total(speeds)),
    ];
  });
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function rounded(value: number): number {
  return Number(value.toFixed(DIGITS));
}
