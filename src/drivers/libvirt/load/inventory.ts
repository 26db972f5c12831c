import type { Bdf } from '../../../model/index.js';
import type { HostObservation } from '../inventory/index.js';
import type { HostInventory } from './sampler.js';

/** What the measuring of load has to know of a host, from a look at it. */
export function hostInventory({ host, holders }: Pick<HostObservation, 'host' | 'holders'>): HostInventory {
  const ports = new Map(
    host.devices.flatMap(({ bdf, function: is }) => (is.kind === 'pf' && is.netdev !== '' ? [[bdf, is] as const] : [])),
  );
  const vfsOf = new Map<string, readonly Bdf[]>();
  for (const { bdf, function: is } of host.devices) {
    const holder = holders.get(bdf);
    // Functions of other devices, such as accelerators, carry no traffic.
    if (holder === undefined || is.kind !== 'vf' || !ports.has(is.parent)) continue;
    vfsOf.set(holder, [...(vfsOf.get(holder) ?? []), bdf]);
  }
  return {
    cpus: total(host.numaNodes.map(({ cpus }) => cpus)),
    lineMbps: total([...ports.values()].map(({ speedMbps }) => speedMbps)),
    vfsOf,
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
