import { problem, type DesiredHost, type DesiredMachine, type Problem } from '../../model/index.js';
import type { Catalog } from '../resolve/catalog.js';
import type { Resolved } from '../resolve/resolve.js';
import { list, type Confinements } from './confinement.js';

/** What a machine needs of one host, against what hosts say they have. */
interface Resource {
  readonly words: string;
  readonly pointer: string;
  readonly fact: string;
  /** How what a host hands out comes of what it has. */
  readonly basis: string;
  /** What a hint says before it speaks of another size or another host. */
  readonly remedy: string;
  need(machine: DesiredMachine): number;
  /** Null when the host does not say. */
  room(host: DesiredHost): number | null;
}

const MEMORY: Resource = {
  words: 'MiB of memory',
  pointer: '/spec/memoryMiB',
  fact: '/spec/expect/memoryMiB',
  basis: 'less what is reserved',
  remedy: 'memory is handed out once: ',
  need: (machine) => machine.memoryMiB,
  room: ({ expect, reserved }) => amount(expect['memoryMiB'], reserved.memoryMiB),
};

const CPUS: Resource = {
  words: 'CPUs',
  pointer: '/spec/vcpus',
  fact: '/spec/expect/cpus',
  basis: 'less what is reserved, times cpuAllocationRatio',
  remedy: 'let hosts hand CPUs out more often (spec.cpuAllocationRatio), ',
  need: (machine) => machine.vcpus,
  // At most: isolated CPUs are handed out once, and a host need not say how many it has.
  room: ({ expect, reserved, cpuAllocationRatio }) => amount(expect['cpus'], reserved.cpus, cpuAllocationRatio),
};

const ISOLATED_CPUS: Resource = {
  words: 'isolated CPUs',
  pointer: '/spec/vcpus',
  fact: '/spec/expect/isolatedCpus',
  basis: 'which are handed out once',
  remedy: '',
  need: (machine) => (machine.isolatedCpus ? machine.vcpus : 0),
  room: ({ expect }) => amount(expect['isolatedCpus'], 0),
};

const PTP: Resource = {
  words: 'PTP clock',
  pointer: '/spec/ptp',
  fact: '/spec/expect/ptp',
  basis: 'as it says',
  remedy: '',
  need: (machine) => (machine.ptp ? 1 : 0),
  room: ({ expect }) => (expect['ptp'] === undefined ? null : Number(expect['ptp'])),
};

const RESOURCES = [MEMORY, CPUS, ISOLATED_CPUS, PTP];

/**
 * Machines that fit on no host, and pins that are more than a host, a group or the cluster can hold, by the written facts. Machines that are
 * suspended do not count: nobody places them, and whether they run, and so take something, only an observation can tell.
 */
export function capacityContradictions(resolved: Resolved, confinements: Confinements): readonly Problem[] {
  const tooLarge = largerThanAnyHost(resolved, confinements);
  return tooLarge.length > 0 ? tooLarge : tooMuch(resolved, confinements);
}

function isPlaced({ suspended }: DesiredMachine): boolean {
  return !suspended;
}

function largerThanAnyHost({ desired, catalog }: Resolved, confinements: Confinements): readonly Problem[] {
  const known = new Map<string, Resource | null>();
  return desired.machines.filter(isPlaced).flatMap((machine) => {
    const confinement = confinements.of(machine.name);
    const hosts =
      confinement === undefined ? desired.hosts : desired.hosts.filter(({ name }) => confinement.hosts.has(name));
    const key = [...RESOURCES.map((each) => each.need(machine)), ...(confinement?.hosts ?? ['*'])].join();
    const short = known.get(key) ?? (known.has(key) ? null : shortOf(machine, hosts));
    known.set(key, short);
    return short === null ? [] : [tooLarge(catalog, machine, short, hosts)];
  });
}

/** The resource of which no host has enough; null when one has, or does not say. */
function shortOf(machine: DesiredMachine, hosts: readonly DesiredHost[]): Resource | null {
  const lacking = (host: DesiredHost) => RESOURCES.filter((each) => each.need(machine) > (each.room(host) ?? Infinity));
  if (hosts.length === 0 || hosts.some((host) => lacking(host).length === 0)) return null;
  const everywhere = RESOURCES.find((each) => hosts.every((host) => lacking(host).includes(each)));
  return everywhere ?? hosts.flatMap(lacking)[0] ?? null;
}

function tooLarge(catalog: Catalog, machine: DesiredMachine, short: Resource, hosts: readonly DesiredHost[]): Problem {
  const largest = hosts.reduce((best, host) => ((short.room(host) ?? 0) > (short.room(best) ?? 0) ? host : best));
  const place = catalog.place('Host', largest.name, short.fact);
  const has = `${short.room(largest) ?? 0} (${short.basis})`;
  return problem({
    code: 'MachineTooLarge',
    message: `${machine.name} needs ${short.need(machine)} ${short.words}; the host ${largest.name}, the best of those it may be on, has ${has}`,
    hint: `${short.remedy}make the machine smaller, or let it be on a larger host`,
    place: catalog.place('VirtualMachine', machine.name, short.pointer),
    related: place === null ? [] : [{ message: `${largest.name} says what it has here`, place }],
  });
}

interface Unit {
  readonly words: string;
  readonly hosts: readonly DesiredHost[];
  readonly place: Problem['place'];
  readonly machines: readonly DesiredMachine[];
}

function tooMuch(resolved: Resolved, confinements: Confinements): readonly Problem[] {
  for (const units of [hostUnits(resolved, confinements), groupUnits(resolved, confinements), clusterUnit(resolved)]) {
    const found = units.flatMap((unit) =>
      [MEMORY, CPUS].flatMap((each) => exceeded(resolved.catalog, unit, each) ?? []),
    );
    if (found.length > 0) return found;
  }
  return [];
}

function exceeded(catalog: Catalog, unit: Unit, resource: Resource): Problem | null {
  const rooms = unit.hosts.map((host) => resource.room(host));
  const room = rooms.reduce<number>((sum, each) => sum + (each ?? Infinity), 0);
  const machines = unit.machines.filter(isPlaced);
  const need = machines.reduce((sum, machine) => sum + resource.need(machine), 0);
  if (need <= room) return null;
  const byNeed = machines.toSorted((a, b) => resource.need(b) - resource.need(a));
  return problem({
    code: 'CapacityExceeded',
    message: `${unit.words} has ${room} ${resource.words} (${resource.basis}); ${list(byNeed.map(({ name }) => name))} can only be there and need ${need}`,
    hint: `${resource.remedy}let some of them be elsewhere, make them smaller, or add a host`,
    place: unit.place,
    related: byNeed.slice(0, 3).flatMap(({ name }) => {
      const place = catalog.place('VirtualMachine', name, resource.pointer);
      return place === null ? [] : [{ message: `${name} says what it needs here`, place }];
    }),
  });
}

function hostUnits({ desired, catalog }: Resolved, confinements: Confinements): readonly Unit[] {
  const byName = new Map(desired.hosts.map((host) => [host.name, host]));
  return grouped(confinements, ([only, ...others]) => (others.length === 0 ? only : undefined)).flatMap(
    ([name, machines]) => {
      const host = byName.get(name);
      const place = catalog.place('Host', name, '/spec/expect');
      return host === undefined ? [] : [{ words: `the host ${name}`, hosts: [host], place, machines }];
    },
  );
}

function groupUnits({ desired }: Resolved, confinements: Confinements): readonly Unit[] {
  const groupOf = new Map(desired.hosts.map((host) => [host.name, host.accessGroup]));
  const within = grouped(confinements, (hosts) => {
    const [group, ...others] = new Set(hosts.map((host) => groupOf.get(host) ?? ''));
    return others.length === 0 ? group : undefined;
  });
  return within.flatMap(([name, machines]) => {
    const group = desired.accessGroups.find((each) => each.name === name);
    const hosts = desired.hosts.filter((host) => host.accessGroup === name);
    return group === undefined ? [] : [{ words: `the access group ${name}`, hosts, place: group.place, machines }];
  });
}

function clusterUnit({ desired }: Resolved): readonly Unit[] {
  const { cluster, hosts, machines } = desired;
  return hosts.length === 0 ? [] : [{ words: `the cluster ${cluster.name}`, hosts, place: cluster.place, machines }];
}

/** The confined machines by the unit that all their hosts are in. */
function grouped(
  confinements: Confinements,
  unitOf: (hosts: readonly string[]) => string | undefined,
): readonly (readonly [unit: string, machines: readonly DesiredMachine[]])[] {
  const units = new Map<string, DesiredMachine[]>();
  for (const { hosts, machines } of confinements.all) {
    const unit = hosts.size === 0 ? undefined : unitOf([...hosts]);
    if (unit !== undefined) units.set(unit, [...(units.get(unit) ?? []), ...machines]);
  }
  return [...units];
}

function amount(fact: string | number | boolean | undefined, reserved: number, ratio = 1): number | null {
  return typeof fact === 'number' ? Math.max(0, fact - reserved) * ratio : null;
}
