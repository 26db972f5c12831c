import { cpuPercentAt, type MachineLoad } from './load.js';
import type { ClusterState, Presence } from './state.js';

/** Load is looked at this often within a window. */
const SAMPLE_MS = 15_000;

export interface Use {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly networkMbps: number;
}

const NOTHING: Use = { cpus: 0, memoryMiB: 0, networkMbps: 0 };

/** Means of what machines use, over windows of the past, by where they were. */
export class Meter {
  readonly #size: ReadonlyMap<string, { readonly vcpus: number; readonly memoryMiB: number }>;
  readonly #loads: ReadonlyMap<string, readonly { readonly since: number; readonly load: MachineLoad }[]>;
  readonly #byMachine: ReadonlyMap<string, readonly Presence[]>;
  readonly #byHost: ReadonlyMap<string, readonly Presence[]>;
  readonly #startsAt: number;

  constructor(state: Readonly<ClusterState>, loads: Readonly<Record<string, MachineLoad>>, startsAt: number) {
    const first = Object.entries(loads).map(([machine, load]) => ({ machine, since: -Infinity, load }));
    this.#size = new Map(state.machines.map((machine) => [machine.name, machine]));
    this.#loads = grouped([...first, ...state.loadChanges], (change) => change.machine);
    this.#byMachine = grouped(state.presence, (entry) => entry.machine);
    this.#byHost = grouped(state.presence, (entry) => entry.host);
    this.#startsAt = startsAt;
  }

  /** Mean over those moments of the window in which the machine ran; null when there is none, or nothing is known of its load. */
  ofMachine(name: string, end: number, windowSeconds: number): Use | null {
    const { sum, seen } = this.#add(this.#byMachine.get(name) ?? [], end, windowSeconds);
    return seen === 0 ? null : scaled(sum, 1 / seen);
  }

  /** Mean over the whole window of all that ran on the host. */
  ofHost(name: string, end: number, windowSeconds: number): Use {
    const { sum, moments } = this.#add(this.#byHost.get(name) ?? [], end, windowSeconds);
    return scaled(sum, 1 / moments);
  }

  #add(presence: readonly Presence[], end: number, windowSeconds: number) {
    let sum = NOTHING;
    let moments = 0;
    let seen = 0;
    for (let at = end - windowSeconds * 1000 + SAMPLE_MS / 2; at < end; at += SAMPLE_MS) {
      moments++;
      const here = presence.filter((entry) => at >= entry.from && (entry.to === null || at < entry.to));
      const uses = here.flatMap((entry) => this.#use(entry.machine, at) ?? []);
      if (uses.length > 0) seen++;
      for (const use of uses) sum = added(sum, use);
    }
    return { sum, moments, seen };
  }

  #use(name: string, at: number): Use | null {
    const size = this.#size.get(name);
    const load = this.#loads.get(name)?.findLast((change) => change.since <= at)?.load;
    if (size === undefined || load === undefined) return null;
    return {
      cpus: (size.vcpus * cpuPercentAt(load.cpu, at, this.#startsAt)) / 100,
      memoryMiB: (size.memoryMiB * load.memoryPercent) / 100,
      networkMbps: load.networkMbps,
    };
  }
}

function added(left: Use, right: Use): Use {
  return {
    cpus: left.cpus + right.cpus,
    memoryMiB: left.memoryMiB + right.memoryMiB,
    networkMbps: left.networkMbps + right.networkMbps,
  };
}

function scaled(use: Use, factor: number): Use {
  return { cpus: use.cpus * factor, memoryMiB: use.memoryMiB * factor, networkMbps: use.networkMbps * factor };
}

function grouped<T>(items: readonly T[], by: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(by(item));
    if (group === undefined) groups.set(by(item), [item]);
    else group.push(item);
  }
  return groups;
}
