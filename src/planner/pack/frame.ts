import type { Topology } from '../../model/index.js';
import type { Demand } from '../resources.js';
import { amountsOf, capacityNames, inCell } from '../resources.js';
import type { HostView, View } from '../view.js';

/**
 * The numbers that stand for hosts, cells, resources and units of topologies while one plan is made. Hosts written in Git come first,
 * in order of their names; hosts after them are only named by machines or reservations. Places are the hosts, then the cells of each.
 */
export interface Frame {
  readonly hosts: readonly string[];
  /** How many of the hosts are written. */
  readonly written: number;
  readonly hostAt: ReadonlyMap<string, number>;
  /** Views of the written hosts. */
  readonly views: readonly HostView[];
  readonly places: number;
  readonly hostOf: Int32Array;
  /** place: id of the cell that it is, null for a host. */
  readonly cellOf: readonly (number | null)[];
  /** host: place of each of its cells, by the cell's id. */
  readonly cells: readonly ReadonlyMap<number, number>[];
  /** Names as in `Amounts`, without a cell. */
  readonly resources: readonly string[];
  readonly resourceAt: ReadonlyMap<string, number>;
  /** place × resource. */
  readonly capacity: Float64Array;
  /** host × metric: what a ratio of 1 is. */
  readonly full: Float64Array;
  readonly units: Readonly<Record<Topology, Units>>;
}

/** The units of a topology. */
export interface Units {
  /** place → unit. */
  readonly of: Int32Array;
  readonly names: readonly string[];
  /** Units with a written host come first; so many are they. */
  readonly written: number;
}

/** What a machine takes of a place, resource by resource; one in a cell takes the same of its host. */
export interface Needs {
  readonly resources: readonly number[];
  readonly amounts: readonly number[];
}

const frames = new WeakMap<View, Frame>();

/** The frame of a view: the same for the same view. */
export function frameOf(view: View): Frame {
  const known = frames.get(view);
  if (known !== undefined) return known;
  const frame = build(view);
  frames.set(view, frame);
  return frame;
}

/** A demand by number of resource. */
export function needsOf(frame: Frame, demand: Demand): Needs {
  const amounts = [...amountsOf(demand, null)];
  return {
    resources: amounts.map(([name]) => frame.resourceAt.get(name) ?? -1),
    amounts: amounts.map(([, amount]) => amount),
  };
}

/** Place of a cell of a host; of the host itself where the cell is null. */
export function placeAt(frame: Frame, host: number, cell: number | null): number {
  return cell === null ? host : (frame.cells[host]?.get(cell) ?? host);
}

function build(view: View): Frame {
  const hosts = hostNames(view);
  const hostAt = new Map(hosts.map((name, index) => [name, index]));
  const cells = hosts.map(() => new Map<number, number>());
  const hostOf = hosts.map((_, index) => index);
  const cellOf = hosts.map((): number | null => null);
  const addCell = (host: number, cell: number) => {
    if (cells[host]?.has(cell) !== false) return;
    cells[host].set(cell, hostOf.length);
    hostOf.push(host);
    cellOf.push(cell);
  };
  for (const { name, observed } of view.hosts.values()) {
    for (const { id } of observed?.numaNodes ?? []) addCell(hostAt.get(name) ?? -1, id);
  }
  for (const { host, numaNode } of view.world.machines) {
    if (numaNode !== null) addCell(hostAt.get(host) ?? -1, numaNode);
  }
  const resources = resourceNames(view);
  const resourceAt = new Map(resources.map((name, index) => [name, index]));
  const views = [...view.hosts.values()];
  const frame = {
    hosts,
    written: views.length,
    hostAt,
    views,
    places: hostOf.length,
    cellOf,
    cells,
    resources,
    resourceAt,
  };
  return {
    ...frame,
    hostOf: Int32Array.from(hostOf),
    capacity: capacityOf(frame),
    full: fullOf(view, hosts),
    units: {
      host: unitsOf(hostOf, hosts, views.length),
      accessGroup: unitsOf(hostOf, unitNames(view, hosts, 'accessGroup'), views.length),
      zone: unitsOf(hostOf, unitNames(view, hosts, 'zone'), views.length),
    },
  };
}

function hostNames(view: View): readonly string[] {
  const { machines, reservations, dummies } = view.world;
  const named = [...machines, ...reservations, ...dummies].map(({ host }) => host);
  return [...new Set([...view.hosts.keys(), ...named.toSorted()])];
}

function resourceNames(view: View): readonly string[] {
  const named = [...view.hosts.values()].flatMap(({ capacity }) => capacityNames(capacity));
  const sizes = [...view.world.machines, ...view.desired.machines].map(({ hugepageSizeKiB }) => hugepageSizeKiB);
  const pages = [...new Set(sizes)].filter((size) => size > 0).map((size) => `hugepages-${size}`);
  return [...new Set(['cpus', 'isolated-cpus', 'memory', ...named, ...pages])];
}

function capacityOf({ places, resources, views, cells }: Omit<Frame, 'hostOf' | 'capacity' | 'full' | 'units'>) {
  const capacity = new Float64Array(places * resources.length);
  views.forEach((host, index) => {
    resources.forEach((name, r) => {
      capacity[index * resources.length + r] = host.capacity.get(name) ?? 0;
      for (const [cell, place] of cells[index] ?? []) {
        capacity[place * resources.length + r] = host.capacity.get(inCell(cell, name)) ?? 0;
      }
    });
  });
  return capacity;
}

function fullOf({ loads }: View, hosts: readonly string[]): Float64Array {
  return Float64Array.from(hosts.flatMap((host) => loads.metrics.map((metric) => loads.full(host, metric))));
}

function unitNames(view: View, hosts: readonly string[], key: 'accessGroup' | 'zone'): readonly string[] {
  return hosts.map((host) => view.hosts.get(host)?.desired[key] ?? host);
}

function unitsOf(hostOf: readonly number[], unitOfHost: readonly string[], writtenHosts: number): Units {
  const names = [...new Set(unitOfHost)];
  const at = new Map(names.map((name, index) => [name, index]));
  return {
    of: Int32Array.from(hostOf, (host) => at.get(unitOfHost[host] ?? '') ?? -1),
    names,
    written: new Set(unitOfHost.slice(0, writtenHosts)).size,
  };
}
