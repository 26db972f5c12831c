import type {
  AccessGroup,
  Desired,
  DesiredHost,
  DesiredMachine,
  DeviceClass,
  Host,
  LoadPolicy,
  Machine,
  MigrationPolicy,
  PciDevice,
  PlacementRule,
  PortProfileSettings,
  Reservation,
  World,
} from '../model/index.js';
import { isActive } from '../model/index.js';
import type { Instance } from './engine/instance.js';
import { search } from './engine/search/index.js';
import type { Options, Result } from './engine/search/index.js';
import { loadBook } from './load-book.js';
import type { LoadBook } from './load-book.js';
import { capacityOf } from './resources.js';
import type { Amounts } from './resources.js';

/** What is written and what is observed, joined by name; built once a plan and never changed. */
export interface View {
  readonly desired: Desired;
  readonly world: World;
  /** Hosts written in Git, by name in order of names. */
  readonly hosts: ReadonlyMap<string, HostView>;
  /** Machines written in Git, by name in order of names. */
  readonly machines: ReadonlyMap<string, MachineView>;
  readonly observedHosts: ReadonlyMap<string, Host>;
  readonly groups: ReadonlyMap<string, AccessGroup>;
  readonly classes: ReadonlyMap<string, DeviceClass>;
  readonly profiles: ReadonlyMap<string, PortProfileSettings>;
  readonly loads: LoadBook;
  /** Load policies of each host, in the order in which they are written. */
  readonly loadPolicies: ReadonlyMap<string, readonly LoadPolicy[]>;
  /** Measured round trips: host, then site, in milliseconds. */
  readonly latencies: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** What looks for assignments: `search`, or the same by several threads. */
  readonly solve: Solve;
}

/** A search that gives the same result for the same problem and options. */
export type Solve = (instance: Instance, options: Options) => Result;

export interface HostView {
  readonly name: string;
  readonly desired: DesiredHost;
  /** Null: written, but not observed. */
  readonly observed: Host | null;
  readonly capacity: Amounts;
  readonly devices: ReadonlyMap<string, PciDevice>;
  /** Functions of each IOMMU group. */
  readonly iommuGroups: ReadonlyMap<number, readonly string[]>;
  /** Virtual functions of its ports. */
  readonly functions: readonly PciDevice[];
}

export interface MachineView {
  readonly name: string;
  readonly desired: DesiredMachine;
  /** Every observed copy. */
  readonly copies: readonly Machine[];
  /** The active copy; null when there is none, or more than one. */
  readonly running: Machine | null;
  readonly policy: MigrationPolicy;
  readonly rules: readonly PlacementRule[];
  /** Reservations of a move under way: made for the machine, not its own yet, and not left behind. */
  readonly open: readonly Reservation[];
}

/** True while the machine moves, whoever started that. */
export function isInFlight(machine: MachineView): boolean {
  return machine.open.length > 0 || machine.copies.some((copy) => copy.job !== null || copy.state === 'incoming');
}

/** Joins what is written with what is observed. */
export function viewOf(desired: Desired, world: World, solve: Solve = search): View {
  const observedHosts = new Map(world.hosts.map((host) => [host.name, host]));
  const copies = grouped(world.machines, (machine) => machine.name);
  const open = grouped(
    world.reservations.filter((entry) => isOpen(entry, world.at)),
    (entry) => entry.machine,
  );
  const rules = rulesByMachine(desired.rules);
  const policies = new Map(desired.migrationPolicies.map((policy) => [policy.name, policy]));
  return {
    desired,
    world,
    solve,
    hosts: byName(desired.hosts.map((host) => hostView(host, observedHosts.get(host.name) ?? null))),
    machines: byName(
      desired.machines.map((machine) => {
        const own = copies.get(machine.name) ?? [];
        const active = own.filter(isActive);
        return {
          name: machine.name,
          desired: machine,
          copies: own,
          running: active.length === 1 ? (active[0] ?? null) : null,
          policy: policyOf(machine, policies),
          rules: rules.get(machine.name) ?? [],
          open: open.get(machine.name) ?? [],
        };
      }),
    ),
    observedHosts,
    groups: new Map(desired.accessGroups.map((group) => [group.name, group])),
    classes: new Map(desired.deviceClasses.map((entry) => [entry.name, entry])),
    profiles: new Map(
      desired.portProfiles.map(({ name, vlan, trunk, acl, rateMbps }) => [name, { name, vlan, trunk, acl, rateMbps }]),
    ),
    loads: loadBook(desired, world),
    loadPolicies: policiesByHost(desired.loadPolicies),
    latencies: latenciesByHost(world),
  };
}

function hostView(desired: DesiredHost, observed: Host | null): HostView {
  const devices = observed?.devices ?? [];
  const groups = grouped(devices, (device) => device.iommuGroup);
  return {
    name: desired.name,
    desired,
    observed,
    capacity: capacityOf(observed, desired),
    devices: new Map(devices.map((device) => [device.bdf, device])),
    iommuGroups: new Map([...groups].map(([group, members]) => [group, members.map(({ bdf }) => bdf)])),
    functions: devices.filter((device) => device.function.kind === 'vf'),
  };
}

function policyOf(machine: DesiredMachine, policies: ReadonlyMap<string, MigrationPolicy>): MigrationPolicy {
  const policy = policies.get(machine.migrationPolicy);
  if (policy === undefined) throw new Error(`machine ${machine.name} names no known migration policy`);
  return policy;
}

function rulesByMachine(rules: readonly PlacementRule[]): ReadonlyMap<string, readonly PlacementRule[]> {
  const pairs = rules.flatMap((rule) => rule.machines.map((machine) => ({ machine, rule })));
  const found = grouped(pairs, (pair) => pair.machine);
  return new Map([...found].map(([machine, list]) => [machine, list.map((pair) => pair.rule)]));
}

function policiesByHost(policies: readonly LoadPolicy[]): ReadonlyMap<string, readonly LoadPolicy[]> {
  const pairs = policies.flatMap((policy) => policy.hosts.map((host) => ({ host, policy })));
  const found = grouped(pairs, (pair) => pair.host);
  return new Map([...found].map(([host, list]) => [host, list.map((pair) => pair.policy)]));
}

/** Where a site is told twice, what was told first counts. */
function latenciesByHost({ latencies }: World): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const found = grouped(latencies, ({ host }) => host);
  return new Map(
    [...found].map(([host, list]) => [host, new Map(list.toReversed().map(({ site, ms }) => [site, ms] as const))]),
  );
}

function isOpen(entry: Reservation, at: number): boolean {
  const opening = entry.phase === 'Pending' || entry.phase === 'Held' || entry.phase === 'HandingOver';
  return opening && (entry.expiresAt === null || entry.expiresAt > at);
}

function grouped<T, K>(entries: readonly T[], keyOf: (entry: T) => K): ReadonlyMap<K, readonly T[]> {
  const found = new Map<K, T[]>();
  for (const entry of entries) {
    const list = found.get(keyOf(entry));
    if (list === undefined) found.set(keyOf(entry), [entry]);
    else list.push(entry);
  }
  return found;
}

function byName<T extends { readonly name: string }>(entries: readonly T[]): ReadonlyMap<string, T> {
  return new Map(entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((entry) => [entry.name, entry]));
}
