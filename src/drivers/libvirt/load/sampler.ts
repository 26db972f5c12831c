import type { Bdf } from '../../../model/index.js';
import type { DomainStats, LibvirtCalls, NodeStats } from '../rpc/index.js';
import { domainCounters, LOAD_QUERY, type DomainCounters } from './domain-counters.js';
import type { HostCapacity, LoadHistory, Part, Subject } from './history.js';
import { cpuShare, memoryShare } from './host-load.js';
import { domainRates, trafficRates, type TrafficCounters } from './rates.js';

/** What the last inventory of a host says about it. */
export interface HostInventory extends HostCapacity {
  /** Virtual functions of NICs by the machine that has them; machines without any are left out. */
  readonly vfsOf: ReadonlyMap<string, readonly Bdf[]>;
}

/** A host whose load is measured. */
export interface MeteredHost {
  readonly name: string;
  readonly calls: Pick<LibvirtCalls, 'getAllDomainStats' | 'getNodeCpuStats' | 'getNodeMemoryStats'>;
  /** Null as long as the host has not been looked at. */
  readonly inventory: () => HostInventory | null;
  /** Counters of the host's virtual functions, which no daemon knows; absent where no commands are configured. May reject. */
  readonly vfCounters?: (deadlineMs: number) => Promise<ReadonlyMap<Bdf, TrafficCounters>>;
}

interface Look {
  readonly at: number;
  readonly cpu: NodeStats | null;
  readonly domains: ReadonlyMap<string, DomainCounters> | null;
}

interface VfLook {
  readonly at: number;
  readonly counters: ReadonlyMap<Bdf, TrafficCounters>;
  readonly vfsOf: ReadonlyMap<string, readonly Bdf[]>;
}

/** Two looks that are further apart than this many regular ones say nothing about the time between them. */
const LONGEST_GAP = 3;

/** Looks at one host again and again, and puts what has changed in between into a history. */
export class HostSampler {
  readonly #host: MeteredHost;
  readonly #history: LoadHistory;
  readonly #now: () => number;
  #last: Look | null = null;
  #lastVf: VfLook | null = null;

  constructor(host: MeteredHost, history: LoadHistory, now: () => number) {
    this.#host = host;
    this.#history = history;
    this.#now = now;
  }

  /** One look at the host and its domains, `everyMs` after the last one. A host that does not answer leaves a gap. */
  async look(everyMs: number): Promise<void> {
    const { calls } = this.#host;
    const options = { deadlineMs: everyMs };
    const [cpu, memory, stats] = await Promise.all([
      calls.getNodeCpuStats(null, options).catch(unanswered),
      calls.getNodeMemoryStats(null, options).catch(unanswered),
      calls.getAllDomainStats(LOAD_QUERY, options).catch(unanswered),
    ]);
    if (cpu === null && memory === null && stats === null) return;
    const look = { at: this.#now(), cpu, domains: stats === null ? null : byName(stats) };
    const before = this.#last;
    this.#last = look;
    if (before === null || !isNear(before.at, look.at, everyMs)) return;
    this.#note({ kind: 'host', name: this.#host.name }, before.at, look.at, {
      cpu: before.cpu === null || cpu === null ? null : cpuShare(before.cpu, cpu),
      memory: memory === null ? null : memoryShare(memory),
    });
    if (before.domains !== null && look.domains !== null)
      this.#noteDomains(before.domains, look.domains, before.at, look.at);
  }

  /** One look at the counters of the host's virtual functions. */
  async lookAtVfs(everyMs: number): Promise<void> {
    const { vfCounters, inventory } = this.#host;
    const counters = await vfCounters?.(everyMs).catch(unanswered);
    const vfsOf = inventory()?.vfsOf;
    if (counters === undefined || counters === null || vfsOf === undefined) return;
    const look = { at: this.#now(), counters, vfsOf };
    const before = this.#lastVf;
    this.#lastVf = look;
    if (before === null || !isNear(before.at, look.at, everyMs)) return;
    const elapsed = look.at - before.at;
    let all: Traffic | null = NO_TRAFFIC;
    for (const [machine, devices] of vfsOf) {
      const same = before.vfsOf.get(machine)?.join() === devices.join();
      const rates = same ? trafficOf(devices, before.counters, counters, elapsed) : null;
      this.#note({ kind: 'machine', name: machine }, before.at, look.at, rates ?? {});
      all = all === null || rates === null ? null : added(all, rates);
    }
    if (vfsOf.size > 0 && all !== null) this.#note({ kind: 'host', name: this.#host.name }, before.at, look.at, all);
  }

  #noteDomains(
    before: ReadonlyMap<string, DomainCounters>,
    after: ReadonlyMap<string, DomainCounters>,
    from: number,
    to: number,
  ): void {
    const inventory = this.#host.inventory();
    if (inventory !== null) this.#history.setCapacity(this.#host.name, inventory);
    const sums: { [part in 'delay' | 'tap-rx' | 'tap-tx']: number | null } = { delay: 0, 'tap-rx': 0, 'tap-tx': 0 };
    for (const [name, counters] of after) {
      const earlier = before.get(name);
      this.#history.setPlace(name, this.#host.name);
      const rates = earlier === undefined ? null : domainRates(earlier, counters, to - from);
      const parts = {
        delay: rates?.delayCpus ?? null,
        'tap-rx': rates?.rxMbps ?? null,
        'tap-tx': rates?.txMbps ?? null,
      };
      for (const part of SUMMED) sums[part] = plus(sums[part], parts[part]);
      // What nobody counts for a machine that has no virtual function is none.
      const vfs = inventory !== null && !inventory.vfsOf.has(name) ? NO_TRAFFIC : {};
      const own = { cpu: rates?.cpus ?? null, memory: rates?.memoryMiB ?? null, ...parts, ...vfs };
      if (rates !== null) this.#note({ kind: 'machine', name }, from, to, own);
    }
    const vfs = inventory !== null && inventory.vfsOf.size === 0 ? NO_TRAFFIC : {};
    this.#note({ kind: 'host', name: this.#host.name }, from, to, { ...sums, ...vfs });
  }

  #note(subject: Subject, from: number, to: number, values: Partial<Record<Part, number | null>>): void {
    for (const [part, value] of Object.entries(values) as [Part, number | null][])
      if (value !== null) this.#history.add({ subject, part, from, to, value });
  }
}

type Traffic = Readonly<Record<'vf-rx' | 'vf-tx' | 'vf-rx-packets' | 'vf-tx-packets', number>>;

const NO_TRAFFIC: Traffic = { 'vf-rx': 0, 'vf-tx': 0, 'vf-rx-packets': 0, 'vf-tx-packets': 0 };
const SUMMED = ['delay', 'tap-rx', 'tap-tx'] as const;

/** Traffic of these functions together; null when one of them is not counted. */
function trafficOf(
  devices: readonly Bdf[],
  before: VfLook['counters'],
  after: VfLook['counters'],
  elapsedMs: number,
): Traffic | null {
  let sum: Traffic = NO_TRAFFIC;
  for (const device of devices) {
    const [then, now] = [before.get(device), after.get(device)];
    const rates = then === undefined || now === undefined ? null : trafficRates(then, now, elapsedMs);
    if (rates === null) return null;
    const { rxMbps, txMbps, rxPackets, txPackets } = rates;
    sum = added(sum, { 'vf-rx': rxMbps, 'vf-tx': txMbps, 'vf-rx-packets': rxPackets, 'vf-tx-packets': txPackets });
  }
  return sum;
}

function added(left: Traffic, right: Traffic): Traffic {
  return {
    'vf-rx': left['vf-rx'] + right['vf-rx'],
    'vf-tx': left['vf-tx'] + right['vf-tx'],
    'vf-rx-packets': left['vf-rx-packets'] + right['vf-rx-packets'],
    'vf-tx-packets': left['vf-tx-packets'] + right['vf-tx-packets'],
  };
}

function plus(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left + right;
}

function byName(stats: readonly DomainStats[]): ReadonlyMap<string, DomainCounters> {
  return new Map(stats.map((one) => [one.domain.name, domainCounters(one)]));
}

/** False as well when the clock was set back. */
function isNear(before: number, now: number, everyMs: number): boolean {
  return now > before && now - before <= LONGEST_GAP * everyMs;
}

function unanswered(): null {
  return null;
}
