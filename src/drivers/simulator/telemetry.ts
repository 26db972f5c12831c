import type { LoadSample, Metric } from '../../model/index.js';
import type { Telemetry } from '../../ports/index.js';
import type { Connection } from './connection.js';
import { cpuPercentAt, type MachineLoad } from './load.js';
import type { ClusterState, Presence } from './state.js';

/** Load is looked at this often within a window. */
const SAMPLE_MS = 15_000;

interface Use {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly networkMbps: number;
}

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
    const guests = new Guests(state, scenario.loads, scenario.startsAt);
    return ends
      .filter((end) => end - windowMs >= recordedFrom)
      .flatMap((end) => [
        ...machineSamples(state, guests, end, query.windowSeconds),
        ...hostSamples(state, guests, end, query.windowSeconds),
      ]);
  }
}

/** What each machine uses at a time. */
class Guests {
  constructor(
    readonly state: Readonly<ClusterState>,
    readonly loads: Readonly<Record<string, MachineLoad>>,
    readonly startsAt: number,
  ) {}

  use(name: string, at: number): Use | null {
    const machine = this.state.machines.find((other) => other.name === name);
    const changed = this.state.loadChanges.findLast((change) => change.machine === name && change.since <= at);
    const load = changed?.load ?? this.loads[name];
    if (machine === undefined || load === undefined) return null;
    return {
      cpus: (machine.vcpus * cpuPercentAt(load.cpu, at, this.startsAt)) / 100,
      memoryMiB: (machine.memoryMiB * load.memoryPercent) / 100,
      networkMbps: load.networkMbps,
    };
  }

  /** Mean over a window of those moments in which the presence held; null when it never did or nothing is known. */
  mean(presence: readonly Presence[], end: number, windowSeconds: number, whole: boolean): Use | null {
    const start = end - windowSeconds * 1000;
    const total = { cpus: 0, memoryMiB: 0, networkMbps: 0 };
    let moments = 0;
    let seen = 0;
    for (let at = start + SAMPLE_MS / 2; at < end; at += SAMPLE_MS) {
      moments++;
      let here = false;
      for (const entry of presence) {
        if (at < entry.from || (entry.to !== null && at >= entry.to)) continue;
        const use = this.use(entry.machine, at);
        if (use === null) continue;
        here = true;
        total.cpus += use.cpus;
        total.memoryMiB += use.memoryMiB;
        total.networkMbps += use.networkMbps;
      }
      if (here) seen++;
    }
    const count = whole ? moments : seen;
    if (count === 0) return null;
    return {
      cpus: total.cpus / count,
      memoryMiB: total.memoryMiB / count,
      networkMbps: total.networkMbps / count,
    };
  }
}

function machineSamples(
  state: Readonly<ClusterState>,
  guests: Guests,
  at: number,
  windowSeconds: number,
): readonly LoadSample[] {
  const up = new Set(state.hosts.filter((host) => host.state === 'up').map((host) => host.name));
  const names = [
    ...new Set(state.presence.filter((entry) => entry.to === null && up.has(entry.host)).map((entry) => entry.machine)),
  ];
  return names.flatMap((name) => {
    const mean = guests.mean(
      state.presence.filter((entry) => entry.machine === name),
      at,
      windowSeconds,
      false,
    );
    if (mean === null) return [];
    const sample = (metric: Metric, value: number): LoadSample => ({
      subject: { kind: 'machine', name },
      metric,
      value,
      at,
      windowSeconds,
    });
    return [sample('cpu', mean.cpus), sample('memory', mean.memoryMiB), sample('network', mean.networkMbps)];
  });
}

function hostSamples(
  state: Readonly<ClusterState>,
  guests: Guests,
  at: number,
  windowSeconds: number,
): readonly LoadSample[] {
  return state.hosts.flatMap((host) => {
    const mean = guests.mean(
      state.presence.filter((entry) => entry.host === host.name),
      at,
      windowSeconds,
      true,
    );
    if (mean === null || host.state !== 'up') return [];
    const sample = (metric: Metric, use: number, capacity: number): readonly LoadSample[] =>
      capacity > 0
        ? [{ subject: { kind: 'host', name: host.name }, metric, value: use / capacity, at, windowSeconds }]
        : [];
    const speedMbps = host.devices.reduce(
      (sum, device) => sum + (device.function.kind === 'pf' ? device.function.speedMbps : 0),
      0,
    );
    const cpus = host.numaNodes.reduce((sum, node) => sum + node.cpus, 0);
    const memoryMiB = host.numaNodes.reduce((sum, node) => sum + node.memoryMiB, 0);
    return [
      ...sample('cpu', mean.cpus, cpus),
      ...sample('memory', mean.memoryMiB, memoryMiB),
      ...sample('network', mean.networkMbps, speedMbps),
    ];
  });
}
