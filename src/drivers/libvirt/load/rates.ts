import type { DomainCounters } from './domain-counters.js';

/** How much a domain used between two looks at its counters; null for what is not known. */
export interface DomainRates {
  readonly cpus: number | null;
  readonly memoryMiB: number | null;
  readonly delayCpus: number | null;
  readonly rxMbps: number | null;
  readonly txMbps: number | null;
}

/** Counters of one virtual function, or of several together. */
export interface TrafficCounters {
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxPackets: number;
  readonly txPackets: number;
}

const NS_PER_MS = 1e6;

/**
 * Rates of a domain between two looks `elapsedMs` apart. A counter that went backwards, or that belongs to another run of the domain, has begun
 * anew: nothing is said of it until the next look.
 */
export function domainRates(before: DomainCounters, after: DomainCounters, elapsedMs: number): DomainRates {
  const same = before.run === after.run;
  const nics = same ? grown(trafficOf(before), trafficOf(after)) : null;
  const waited = same ? grown(before.delayNs, after.delayNs) : null;
  const cpuNs = same && before.cpuNs !== null && after.cpuNs !== null ? after.cpuNs - before.cpuNs : -1;
  return {
    cpus: cpuNs < 0 ? null : cpuNs / NS_PER_MS / elapsedMs,
    memoryMiB: after.memoryMiB,
    delayCpus: waited === null || after.delayNs.size === 0 ? null : total(waited) / NS_PER_MS / elapsedMs,
    rxMbps: nics === null ? null : mbps(total(nics, 'rx '), elapsedMs),
    txMbps: nics === null ? null : mbps(total(nics, 'tx '), elapsedMs),
  };
}

/** Traffic of virtual functions between two looks: Mbit/s and packets a second, each way. Null when a counter began anew. */
export function trafficRates(
  before: TrafficCounters,
  after: TrafficCounters,
  elapsedMs: number,
): { readonly rxMbps: number; readonly txMbps: number; readonly rxPackets: number; readonly txPackets: number } | null {
  const bytes = [after.rxBytes - before.rxBytes, after.txBytes - before.txBytes] as const;
  const packets = [after.rxPackets - before.rxPackets, after.txPackets - before.txPackets] as const;
  if ([...bytes, ...packets].some((more) => more < 0)) return null;
  return {
    rxMbps: mbps(bytes[0], elapsedMs),
    txMbps: mbps(bytes[1], elapsedMs),
    rxPackets: (packets[0] * 1000) / elapsedMs,
    txPackets: (packets[1] * 1000) / elapsedMs,
  };
}

function trafficOf({ nics }: DomainCounters): ReadonlyMap<string, number> | null {
  if (nics === null) return null;
  return new Map(
    [...nics].flatMap(([name, { rxBytes, txBytes }]) => [
      [`rx ${name}`, rxBytes],
      [`tx ${name}`, txBytes],
    ]),
  );
}

/** What each counter has grown by; null when there are others now, or one is smaller than before. */
function grown(
  before: ReadonlyMap<string, number> | null,
  after: ReadonlyMap<string, number> | null,
): ReadonlyMap<string, number> | null {
  if (before === null || after === null || before.size !== after.size) return null;
  const more = new Map([...after].map(([key, value]) => [key, value - (before.get(key) ?? Infinity)]));
  return [...more.values()].some((value) => value < 0) ? null : more;
}

function total(values: ReadonlyMap<string, number>, prefix = ''): number {
  return [...values].reduce((sum, [key, value]) => (key.startsWith(prefix) ? sum + value : sum), 0);
}

function mbps(bytes: number, elapsedMs: number): number {
  return (bytes * 8) / 1000 / elapsedMs;
}
