import type { DeviceClass } from '../../model/index.js';
import type { Instance } from '../engine/instance.js';
import type { Occupancy } from '../occupancy.js';
import { demandOf } from '../placement.js';
import type { MachineView, View } from '../view.js';
import { needsOf } from './frame.js';
import type { Seats } from './seats.js';

interface Tables extends Pick<Instance, 'demand' | 'capacity' | 'base'> {
  readonly names: readonly string[];
}

/** A little below the threshold: a host that reaches it is too full already. */
const BELOW = 1 - 1e-9;

/**
 * Demand, capacity and base of amounts, of devices by class, and of load by metric. A host whose load is not known is not limited by it.
 * Classes that match the same devices are one resource; those that only overlap are counted apart, and so allow too much.
 */
export function packedResources(
  view: View,
  occupancy: Occupancy,
  machines: readonly MachineView[],
  seats: Seats,
): Tables {
  const { frame } = occupancy;
  const kinds = deviceKinds(view, machines);
  const { metrics } = view.loads;
  const names = [
    ...frame.resources,
    ...kinds.map(({ name }) => `devices ${name}`),
    ...kinds.map(({ name }) => `local ${name}`),
    ...metrics.map((metric) => `load ${metric}`),
  ];
  const width = names.length;
  const amounts = frame.resources.length;
  const firstLoad = amounts + 2 * kinds.length;
  const demand = new Float64Array((machines.length + seats.extra.length) * width);
  const capacity = new Float64Array(frame.places * width).fill(Infinity);
  const base = new Float64Array(frame.places * width);
  const add = (table: Float64Array, at: number, amount: number) => (table[at] = (table[at] ?? 0) + amount);

  for (let place = 0; place < frame.places; place++) {
    for (let r = 0; r < amounts; r++) {
      capacity[place * width + r] = frame.capacity[place * amounts + r] ?? 0;
      base[place * width + r] = occupancy.use[place * amounts + r] ?? 0;
    }
  }
  for (let host = 0; host < frame.hosts.length; host++) {
    const places = [host, ...(frame.cells[host]?.values() ?? [])];
    kinds.forEach(({ name }, k) => {
      capacity[host * width + amounts + k] = occupancy.devices.freeGroups(name, host, host);
      for (const place of places.slice(1)) {
        capacity[place * width + amounts + kinds.length + k] = occupancy.devices.freeGroups(name, host, place);
      }
    });
    metrics.forEach((metric, m) => {
      const full = frame.full[host * metrics.length + m] ?? 0;
      const now = occupancy.loads[host * metrics.length + m] ?? NaN;
      const highs = (view.loadPolicies.get(frame.hosts[host] ?? '') ?? []).flatMap(({ thresholds }) =>
        thresholds.flatMap((entry) => (entry.metric === metric ? [entry.high] : [])),
      );
      if (Number.isNaN(now)) return;
      base[host * width + firstLoad + m] = now;
      if (highs.length > 0) capacity[host * width + firstLoad + m] = Math.min(...highs) * full * BELOW;
    });
  }
  machines.forEach((machine, index) => {
    const { resources, amounts: wanted } = needsOf(frame, demandOf(machine));
    resources.forEach((resource, i) => add(demand, index * width + resource, wanted[i] ?? 0));
    kinds.forEach(({ classes }, k) => {
      const claims = machine.desired.claims.filter((claim) => classes.has(claim.class));
      add(demand, index * width + amounts + k, claims.length);
      add(demand, index * width + amounts + kinds.length + k, claims.filter(({ numaLocal }) => numaLocal).length);
    });
    metrics.forEach((metric, m) =>
      add(demand, index * width + firstLoad + m, view.loads.share(machine.name, metric) ?? 0),
    );
    const [hold] = occupancy.holdingsOf(machine.name);
    if (hold === undefined) return;
    // What the machine has now is its own: it takes it along.
    for (const place of new Set([hold.host, hold.place])) {
      hold.needs.resources.forEach((resource, i) => add(base, place * width + resource, -(hold.needs.amounts[i] ?? 0)));
    }
    kinds.forEach((_, k) => {
      add(capacity, hold.host * width + amounts + k, demand[index * width + amounts + k] ?? 0);
      const local = amounts + kinds.length + k;
      if (hold.place !== hold.host) add(capacity, hold.place * width + local, demand[index * width + local] ?? 0);
    });
    metrics.forEach((_, m) =>
      add(base, hold.host * width + firstLoad + m, -(demand[index * width + firstLoad + m] ?? 0)),
    );
  });
  return { names, demand, capacity, base };
}

/** Claimed device classes, those that match the same devices together; named by the first of them. */
function deviceKinds(view: View, machines: readonly MachineView[]) {
  const kinds = new Map<string, { readonly name: string; readonly classes: Set<string> }>();
  for (const name of new Set(machines.flatMap(({ desired }) => desired.claims.map((claim) => claim.class)))) {
    const wanted = view.classes.get(name);
    const key = wanted === undefined ? name : matchOf(wanted);
    const kind = kinds.get(key) ?? { name, classes: new Set() };
    kind.classes.add(name);
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}

function matchOf({ type, vendors, devices, drivers, categories, physicalNetwork }: DeviceClass): string {
  return JSON.stringify([type, vendors, devices, drivers, categories, physicalNetwork]);
}
