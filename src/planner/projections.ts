import type { HostProjection, Metric } from '../model/index.js';
import { Occupancy } from './occupancy.js';
import type { Hop } from './order/hop.js';
import type { HostView, View } from './view.js';

/** Each host as it is and as it will be after the hops. */
export function projectionsOf(view: View, hops: readonly Hop[]) {
  const before = Occupancy.of(view);
  const after = before.copy();
  for (const { wish, source, target } of hops) {
    if (source !== null) after.lift(wish.machine.name, source.host);
    after.put(wish.machine, target);
  }
  return { before: project(view, before), after: project(view, after) };
}

function project(view: View, occupancy: Occupancy): readonly HostProjection[] {
  const machines = machinesByHost(view, occupancy);
  return [...view.hosts.values()].map((host) => ({
    host: host.name,
    load: loads(view, occupancy, host),
    machines: machines.get(host.name) ?? [],
    freeMemoryMiB: free(occupancy, host, (name) => name === 'memory' || name.startsWith('hugepages')),
    freeVcpus: free(occupancy, host, (name) => name === 'cpus'),
    freeVfs: [...host.devices.values()].filter(
      (device) => device.function.kind === 'vf' && occupancy.owner(host.name, device.bdf) === null,
    ).length,
  }));
}

function machinesByHost(view: View, occupancy: Occupancy): ReadonlyMap<string, readonly string[]> {
  const names = new Set([...view.machines.keys(), ...view.world.machines.map((machine) => machine.name)]);
  const found = new Map<string, string[]>();
  for (const name of [...names].toSorted()) {
    for (const host of occupancy.hostsOf(name)) found.set(host, [...(found.get(host) ?? []), name]);
  }
  return found;
}

function loads(view: View, occupancy: Occupancy, host: HostView): Partial<Record<Metric, number>> {
  const found: Partial<Record<Metric, number>> = {};
  for (const metric of view.loads.metrics) {
    const ratio = occupancy.load(host.name, metric);
    if (ratio !== null) found[metric] = Math.round(ratio * 10_000) / 10_000;
  }
  return found;
}

function free(occupancy: Occupancy, host: HostView, counts: (name: string) => boolean): number {
  const names = [...host.capacity.keys()].filter(counts);
  return names.reduce(
    (sum, name) => sum + (host.capacity.get(name) ?? 0) - (occupancy.used(host.name).get(name) ?? 0),
    0,
  );
}
