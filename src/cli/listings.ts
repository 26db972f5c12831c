import { InvalidArgumentError } from 'commander';
import { isClaimed, type Desired, type Place, type World } from '../model/index.js';
import { percentText, timeText } from '../report/index.js';
import { cutName } from './table.js';

/** One thing of a kind: its cells for the table, and itself for data. */
export interface Item {
  readonly name: string;
  readonly cells: readonly string[];
  readonly item: unknown;
}

/** How the things of one kind are listed. */
export interface Listing {
  readonly kind: string;
  readonly head: readonly string[];
  readonly items: (desired: Desired, world: World) => readonly Item[];
}

const LISTINGS: readonly Listing[] = [
  { kind: 'VirtualMachine', head: ['NAME', 'ROLE', 'HOST', 'STATE', 'DEVICES'], items: machines },
  { kind: 'Host', head: ['NAME', 'GROUP', 'STATE', 'MAINTENANCE', 'CPU', 'MACHINES'], items: hosts },
  { kind: 'Device', head: ['HOST', 'DEVICE', 'CATEGORY', 'KIND', 'OWNER'], items: devices },
  {
    kind: 'Reservation',
    head: ['HOST', 'DEVICE', 'PHASE', 'MACHINE', 'CLAIM', 'HOLDER', 'EPOCH'],
    items: reservations,
  },
  { kind: 'PlacementPolicy', head: ['POLICY', 'RULE', 'MACHINES'], items: rules },
  written('Cluster', (desired) => [desired.cluster]),
  written('AccessGroup', (desired) => desired.accessGroups),
  written('PortProfile', (desired) => desired.portProfiles),
  written('DeviceClass', (desired) => desired.deviceClasses),
  written('LoadPolicy', (desired) => desired.loadPolicies),
  written('MigrationPolicy', (desired) => desired.migrationPolicies),
  written('Approval', (desired) => desired.approvals),
];

/** Kinds that can be listed. */
export const LISTED_KINDS: readonly string[] = LISTINGS.map(({ kind }) => kind);

/** Short names for what is typed often. */
const ALIASES: Readonly<Record<string, string>> = {
  vm: 'virtualmachine',
  machine: 'virtualmachine',
  rule: 'placementpolicy',
};

/** The listing of a kind as people type it: any case, singular or plural, or a short name. */
export function findListing(typed: string): Listing {
  const singular = typed
    .toLowerCase()
    .replace(/ies$/, 'y')
    .replace(/sses$/, 'ss')
    .replace(/([^s])s$/, '$1');
  const found = LISTINGS.find(({ kind }) => kind.toLowerCase() === (ALIASES[singular] ?? singular));
  if (found === undefined) throw new InvalidArgumentError(`Allowed are ${LISTED_KINDS.join(', ')}.`);
  return found;
}

/** Kinds of which only what is written is known. */
function written(
  kind: string,
  all: (desired: Desired) => readonly { readonly name: string; readonly place: Place }[],
): Listing {
  const items = (desired: Desired): readonly Item[] =>
    all(desired).map((item) => ({
      name: item.name,
      cells: [item.name, `${item.place.file}:${item.place.line}`],
      item,
    }));
  return { kind, head: ['NAME', 'WRITTEN IN'], items };
}

/** What is written, then what runs without being written. */
function machines(desired: Desired, world: World): readonly Item[] {
  const written = new Map(desired.machines.map((machine) => [machine.name, machine]));
  const names = new Set([...written.keys(), ...world.machines.map(({ name }) => name)]);
  return [...names].map((name) => {
    const machine = written.get(name) ?? null;
    const copies = world.machines.filter((copy) => copy.name === name);
    const devices = copies.flatMap(({ assignments }) => assignments.map(({ claim, device }) => `${claim}=${device}`));
    const cells = [
      name,
      machine?.role ?? 'unmanaged',
      copies.map(({ host }) => host).join(',') || '-',
      copies.map(({ state }) => state).join(',') || '-',
      devices.join(' '),
    ];
    return { name, cells, item: { desired: machine, observed: copies } };
  });
}

function hosts(desired: Desired, world: World): readonly Item[] {
  return desired.hosts.map((host) => {
    const observed = world.hosts.find(({ name }) => name === host.name);
    const load = world.samples.findLast(
      ({ subject, metric }) => subject.kind === 'host' && subject.name === host.name && metric === 'cpu',
    );
    const running = world.machines.filter((machine) => machine.host === host.name).map(({ name }) => name);
    const cells = [
      host.name,
      host.accessGroup,
      observed?.state ?? 'not seen',
      host.maintenance,
      load === undefined ? '-' : percentText(load.value),
      running.map(cutName).join(' '),
    ];
    return { name: host.name, cells, item: { desired: host, observed: observed ?? null, machines: running } };
  });
}

function devices(_: Desired, world: World): readonly Item[] {
  return world.hosts.flatMap((host) =>
    host.devices.map((device) => {
      const machine = world.machines.find(
        (copy) => copy.host === host.name && copy.assignments.some((held) => held.device === device.bdf),
      );
      const dummy = world.dummies.find((one) => one.host === host.name && one.devices.includes(device.bdf));
      const owner = machine?.name ?? dummy?.name ?? '';
      const kind = device.function.kind === 'pf' ? `pf ${device.function.netdev}` : device.function.kind;
      return {
        name: `${host.name}/${device.bdf}`,
        cells: [host.name, device.bdf, device.category, kind, cutName(owner)],
        item: { host: host.name, ...device, owner },
      };
    }),
  );
}

function reservations(_: Desired, world: World): readonly Item[] {
  return world.reservations.filter(isClaimed).map((entry) => ({
    name: `${entry.host}/${entry.device}`,
    cells: [
      entry.host,
      entry.device,
      entry.phase,
      entry.machine,
      entry.claim,
      entry.dummy ?? entry.holder,
      String(entry.epoch),
    ],
    item: { ...entry, expiresAt: entry.expiresAt === null ? null : timeText(entry.expiresAt) },
  }));
}

function rules(desired: Desired): readonly Item[] {
  return desired.rules.map((rule) => ({
    name: rule.policy,
    cells: [rule.policy, rule.kind, rule.machines.join(' ')],
    item: rule,
  }));
}
