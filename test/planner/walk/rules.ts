import type {
  DesiredMachine,
  Host,
  HugepagePool,
  Move,
  NumaNode,
  PlacementRule,
  Topology,
} from '../../../src/model/index.js';
import { deviceKey } from '../../../src/model/index.js';
import type { Copy, Ground } from './ground.js';

/** Everything that may not be at the moment in which a machine comes to a host, by a move or back to where it was. */
export function checkArrival(ground: Ground, copy: Copy, move: Move, isBack: boolean): void {
  checkRoom(ground, copy, isBack);
  if (isBack) return;
  checkHost(ground, copy, move);
  checkApart(ground, copy, move);
}

function checkHost(ground: Ground, copy: Copy, move: Move): void {
  const { machine, host } = copy;
  const written = ground.desired.machines.find(({ name }) => name === machine);
  const place = ground.desired.hosts.find(({ name }) => name === host);
  const observed = ground.hosts.get(host);
  if (written === undefined || place === undefined || observed === undefined) {
    ground.fault(`${machine} comes to ${host}, and one of them is unknown`);
    return;
  }
  const must = (isMet: boolean, what: string): void => {
    if (!isMet) ground.fault(`${machine} comes to ${host}: ${what}`);
  };
  must(observed.state === 'up', `the host is ${observed.state}`);
  must(place.maintenance === 'none', `the host is in maintenance (${place.maintenance})`);
  must(!written.ptp || observed.ptp, 'there is no PTP clock');
  must(!written.suspended, 'the machine is suspended');
  for (const rule of rulesOf(ground, machine)) {
    if (rule.kind === 'ban') must(!rule.hosts.includes(host), `${rule.policy} bans it`);
    // Who is in a pinned place does not leave it, not even on the way.
    if (rule.kind === 'pin') must(rule.hosts.includes(host) || !rule.hosts.includes(move.from ?? ''), rule.policy);
  }
  must(written.host === null || written.host === host || written.host !== move.from, 'it leaves the host asked for');
  for (const { site, maxMs } of budgetsOf(ground, written)) {
    const ms = roundTrip(ground, host, site);
    must(ms !== null && ms <= maxMs, `${ms ?? '?'} ms to ${site}, ${maxMs} allowed`);
  }
  const cell = observed.numaNodes.find(({ id }) => id === copy.cell);
  must(copy.cell === null || cell !== undefined, `there is no cell ${copy.cell ?? ''}`);
  must(!written.numaPinned || copy.cell !== null, 'it is pinned to no cell');
  for (const claim of written.claims) {
    const device = move.assignments.find((assignment) => assignment.claim === claim.name)?.to ?? '';
    const found = ground.devices.get(deviceKey({ host, device }));
    const deviceClass = ground.desired.deviceClasses.find(({ name }) => name === claim.class);
    must(found !== undefined, `it has no device for ${claim.name}`);
    if (found === undefined || deviceClass === undefined) continue;
    must((found.function.kind === 'vf') === (deviceClass.type === 'vf') && found.function.kind !== 'pf', 'kind');
    for (const [allowed, value] of [
      [deviceClass.vendors, found.vendor],
      [deviceClass.devices, found.device],
      [found.driver === 'vfio-pci' ? [] : deviceClass.drivers, found.driver ?? ''],
      [deviceClass.categories, found.category],
    ] as const)
      must(allowed.length === 0 || allowed.includes(value), `${found.bdf} is ${value}`);
    must(!claim.numaLocal || copy.cell === null || found.numaNode === copy.cell, `${found.bdf} is on another cell`);
    if (deviceClass.physicalNetwork === null) continue;
    const port = place.ports.find(({ netdev }) => netdev === ground.netdev(host, device));
    must(port?.physicalNetwork === deviceClass.physicalNetwork, `${found.bdf} is on another network`);
  }
}

/**
 * What the machine takes does not exceed what the host and its cell have, whoever else is there or may come back. Where people had
 * put more on a host than it has, a machine may come back to what it left.
 */
function checkRoom(ground: Ground, copy: Copy, isBack: boolean): void {
  const host = ground.hosts.get(copy.host);
  if (host === undefined) return;
  const written = ground.desired.hosts.find(({ name }) => name === copy.host);
  const { reserved, cpuAllocationRatio: ratio } = written ?? { reserved: NONE, cpuAllocationRatio: 1 };
  const there = ground.copies.filter(
    (other) => other.state !== 'stopped' || ground.place.get(other.machine) === other.host,
  );
  for (const cell of copy.cell === null ? [null] : [null, copy.cell]) {
    const now = needsOf(there, copy, cell);
    const before = needsOf(ground.before, copy, cell);
    for (const [what, have] of roomOf(host, copy, cell, { kept: cell === null ? reserved : NONE, ratio })) {
      const need = now.get(what) ?? 0;
      const most = isBack ? Math.max(have, before.get(what) ?? 0) : have;
      if (need > most) ground.fault(`${copy.host} (cell ${cell ?? 'any'}) carries ${need} ${what} of ${have}`);
    }
  }
}

const NONE = { cpus: 0, memoryMiB: 0 };

type Needs = ReadonlyMap<string, number>;

/** What everybody on the copy's host (or on its cell) takes of what the copy takes as well. */
function needsOf(all: readonly Copy[], { host, size }: Copy, cell: number | null): Needs {
  const users = all.filter((other) => other.host === host && (cell === null || other.cell === cell));
  const sum = (of: (one: Copy) => number): number => users.reduce((total, one) => total + of(one), 0);
  const pageKiB = size.hugepageSizeKiB;
  const pages = (memoryMiB: number): number => (pageKiB === 0 ? memoryMiB : Math.ceil((memoryMiB * 1024) / pageKiB));
  return new Map([
    ['CPUs', sum((one) => one.size.vcpus)],
    ['isolated CPUs', size.isolatedCpus ? sum((one) => (one.size.isolatedCpus ? one.size.vcpus : 0)) : 0],
    ['memory', sum((one) => (one.size.hugepageSizeKiB === pageKiB ? pages(one.size.memoryMiB) : 0))],
  ]);
}

/** What the host (or its cell) has for machines; memory in pages of the copy's size. */
function roomOf(
  host: Host,
  { size }: Copy,
  cell: number | null,
  { kept, ratio }: { readonly kept: typeof NONE; readonly ratio: number },
): Needs {
  const cells = host.numaNodes.filter(({ id }) => cell === null || id === cell);
  const sum = (of: (one: NumaNode) => number): number => cells.reduce((total, one) => total + of(one), 0);
  const pools = (of: (pool: HugepagePool) => number): number =>
    sum(({ hugepages }) => hugepages.reduce((total, pool) => total + of(pool), 0));
  const pageKiB = size.hugepageSizeKiB;
  const memory =
    pageKiB === 0
      ? sum(({ memoryMiB }) => memoryMiB) - pools((pool) => (pool.total * pool.sizeKiB) / 1024) - kept.memoryMiB
      : pools((pool) => (pool.sizeKiB === pageKiB ? pool.total : 0));
  return new Map([
    ['CPUs', sum(({ cpus, isolatedCpus }) => isolatedCpus + ratio * (cpus - isolatedCpus)) - ratio * kept.cpus],
    ['isolated CPUs', sum(({ isolatedCpus }) => isolatedCpus)],
    ['memory', memory],
  ]);
}

/** Whoever comes into a unit from outside finds none there whom a rule keeps apart from it. */
function checkApart(ground: Ground, copy: Copy, move: Move): void {
  for (const rule of rulesOf(ground, copy.machine)) {
    if (rule.kind !== 'anti-affinity') continue;
    const unit = unitOf(ground, copy.host, rule.topology);
    if (move.from !== null && unitOf(ground, move.from, rule.topology) === unit) continue;
    const met = ground.copies.find(
      (other) =>
        other.machine !== copy.machine &&
        rule.machines.includes(other.machine) &&
        (other.state !== 'stopped' || ground.place.get(other.machine) === other.host) &&
        unitOf(ground, other.host, rule.topology) === unit,
    );
    if (met !== undefined) ground.fault(`${copy.machine} meets ${met.machine} in ${unit}, against ${rule.policy}`);
  }
}

/** The skew of each spread rule with the machines where they count now. */
export function skewsOf(ground: Ground): ReadonlyMap<string, number> {
  const skews = new Map<string, number>();
  for (const rule of ground.desired.rules) {
    if (rule.kind !== 'spread') continue;
    const counts = new Map<string, number>();
    for (const { name } of ground.desired.hosts) counts.set(unitOf(ground, name, rule.topology), 0);
    for (const machine of rule.machines) {
      const host = ground.place.get(machine);
      if (host === undefined) continue;
      const unit = unitOf(ground, host, rule.topology);
      counts.set(unit, (counts.get(unit) ?? 0) + 1);
    }
    skews.set(rule.policy, Math.max(...counts.values()) - Math.min(...counts.values()));
  }
  return skews;
}

/** In how many units the machines of each affinity rule are. */
export function unitsOf(ground: Ground): ReadonlyMap<string, number> {
  return new Map(
    ground.desired.rules.flatMap((rule) => {
      if (rule.kind !== 'affinity') return [];
      const hosts = rule.machines.flatMap((machine) => ground.place.get(machine) ?? []);
      return [[rule.policy, new Set(hosts.map((host) => unitOf(ground, host, rule.topology))).size]];
    }),
  );
}

/** Hosts of which one must be the machine's at the end; each list is a rule of its own. */
export function pinsOf(ground: Ground, machine: string): readonly (readonly string[])[] {
  const written = ground.desired.machines.find(({ name }) => name === machine)?.host ?? null;
  const pins = rulesOf(ground, machine).flatMap((rule) => (rule.kind === 'pin' ? [rule.hosts] : []));
  return written === null ? pins : [[written], ...pins];
}

function rulesOf(ground: Ground, machine: string): readonly PlacementRule[] {
  return ground.desired.rules.filter((rule) => rule.machines.includes(machine));
}

function budgetsOf(ground: Ground, written: DesiredMachine) {
  const rules = rulesOf(ground, written.name).flatMap((rule) => (rule.kind === 'latency' ? [rule] : []));
  return [...written.latencyBudgets, ...rules];
}

function roundTrip(ground: Ground, host: string, site: string): number | null {
  const measured = ground.world.latencies.find((entry) => entry.host === host && entry.site === site);
  const group = ground.desired.accessGroups.find(({ hosts }) => hosts.includes(host));
  return measured?.ms ?? group?.latencyMs[site] ?? null;
}

function unitOf(ground: Ground, host: string, topology: Topology): string {
  const written = ground.desired.hosts.find(({ name }) => name === host);
  if (topology === 'host' || written === undefined) return host;
  return topology === 'zone' ? written.zone : written.accessGroup;
}
