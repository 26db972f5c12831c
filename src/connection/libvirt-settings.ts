import { problem, type DesiredCluster, type Place, type Problem, type Result } from '../model/index.js';
import { defaultPeerUri, isLoopback, parsePeerUri } from './peer-uri.js';
import { parseLibvirtUri, type LibvirtUri } from './libvirt-uri.js';
import { parseCommandTarget, type CommandTarget } from './command-target.js';
import { migrationUriFault } from './migration-uri.js';

/** `spec.connection` of a cluster with the driver libvirt. */
export interface LibvirtSettings {
  readonly hosts: readonly HostSettings[];
  /** Everything is asked for again when it was last asked for this long ago; in between, events tell what changed. */
  readonly resyncSeconds: number;
  /** How long a guest that is to stop may take to shut down by itself. */
  readonly shutdownSeconds: number;
  /** How long a guest may take to let go of a device. */
  readonly unplugSeconds: number;
  /** Folders that all hosts mount; disks there need not be copied. */
  readonly sharedPaths: readonly string[];
  /** Path of the disk image of a machine that is started for the first time; `{machine}` is its name. Null: it has no disk. */
  readonly image: string | null;
  /** Models, as `vendor:device`, whose functions carry their state over a live migration. */
  readonly liveMigratable: readonly string[];
  /** Memory crosses encrypted, by the certificates that the hosts have for QEMU. */
  readonly tls: boolean;
}

export interface HostSettings {
  readonly name: string;
  readonly uri: LibvirtUri;
  /** libvirt URI under which other hosts' daemons reach this one; null: migrations to it are refused. */
  readonly peerUri: string | null;
  /** Where QEMU sends memory to, such as `tcp://10.0.0.1`; null: libvirt chooses. */
  readonly migrationUri: string | null;
  /** Where commands run that libvirt has no call for; null: they do not. */
  readonly commands: CommandTarget | null;
  /** Path of the ledger that the host's guard hook reads; null: no guard is installed. */
  readonly guardLedger: string | null;
}

type Field = 'uri' | 'peerUri' | 'migrationUri' | 'commands' | 'guardLedger';
type Entry = Partial<Record<Field, string>> & { readonly uri: string };

/** `spec.connection` as its schema lets it through. */
type Connection = Partial<Omit<LibvirtSettings, 'hosts'>> & { readonly hosts?: Readonly<Record<string, Entry>> };

interface Fault {
  readonly reason: string;
  readonly hint: string;
}

/** Where the part of the Cluster document at a pointer is written. */
export type PlaceAt = (pointer: string) => Place;

/**
 * The settings of a cluster whose document agrees with its schema, or problems for addresses that cannot be used, each where it is written.
 * Nothing is connected to: the documents are checked by this before the driver is opened by it.
 */
export function libvirtSettings(
  { connection }: Pick<DesiredCluster, 'connection'>,
  placeAt: PlaceAt,
): Result<LibvirtSettings> {
  const { hosts: written = {}, ...given } = connection as Connection;
  const read = Object.entries(written).map(([name, entry]) => readHost(name, entry, placeAt));
  const hosts = read.flatMap(({ host }) => host ?? []);
  const problems = [...read.flatMap((one) => one.problems), ...sharedAddresses(hosts, placeAt)];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { ...DEFAULTS, ...given, hosts }, warnings: withoutPeerAddress(hosts, placeAt) };
}

const DEFAULTS = {
  resyncSeconds: 60,
  shutdownSeconds: 30,
  unplugSeconds: 30,
  sharedPaths: [],
  image: null,
  liveMigratable: [],
  tls: false,
};

function readHost(
  name: string,
  entry: Entry,
  placeAt: PlaceAt,
): { readonly host: HostSettings | null; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const tell = (field: Field, { reason, hint }: Fault): void => {
    const message = `connection.hosts.${name}.${field}: ${reason}`;
    problems.push(problem({ code: 'BadConnection', message, place: placeAt(pointerOf(name, field)), hint }));
  };
  const uri = parseLibvirtUri(entry.uri);
  if (!uri.ok) tell('uri', uri);
  const peer = entry.peerUri === undefined ? null : parsePeerUri(entry.peerUri);
  if (peer?.ok === false) tell('peerUri', peer);
  const migration = entry.migrationUri === undefined ? null : migrationUriFault(entry.migrationUri);
  if (migration !== null) tell('migrationUri', migration);
  const target = entry.commands === undefined ? null : parseCommandTarget(entry.commands);
  if (target?.ok === false) tell('commands', target);
  if (entry.guardLedger !== undefined && entry.commands === undefined) tell('guardLedger', UNWRITTEN_LEDGER);
  if (!uri.ok) return { host: null, problems };
  const host = {
    name,
    uri: uri.value,
    // No other host reaches a unix socket of this one, or what is this host to itself only.
    peerUri: entry.peerUri ?? (isLocal(uri.value) ? null : defaultPeerUri(entry.uri)),
    migrationUri: entry.migrationUri ?? null,
    commands: target?.ok === true ? target.value : null,
    guardLedger: entry.guardLedger ?? null,
  };
  return { host, problems };
}

const UNWRITTEN_LEDGER: Fault = {
  reason: 'nobody can write it, so the guard would not be told',
  hint: 'write commands too, such as ssh://root@host; or leave guardLedger out, and write the ledger yourself',
};

function isLocal(uri: LibvirtUri): boolean {
  return uri.kind === 'unix' || isLoopback(uri.host);
}

/** What runs on a host that is there twice would be seen twice. */
function sharedAddresses(hosts: readonly HostSettings[], placeAt: PlaceAt): readonly Problem[] {
  const first = new Map<string, string>();
  return hosts.flatMap(({ name, uri }): readonly Problem[] => {
    const address = addressOf(uri);
    const other = first.get(address);
    if (other === undefined) {
      first.set(address, name);
      return [];
    }
    return [
      problem({
        code: 'BadConnection',
        message: `hosts ${other} and ${name} have the same address: all that runs there would be seen twice`,
        place: placeAt(pointerOf(name, 'uri')),
        related: [{ message: `${other} has it here`, place: placeAt(pointerOf(other, 'uri')) }],
        hint: 'correct one of them, or remove it and its Host document',
      }),
    ];
  });
}

/** The same for two addresses of one daemon; the driver of libvirt that is asked for behind it does not matter. */
function addressOf(uri: LibvirtUri): string {
  if (uri.kind === 'unix') return `unix ${uri.socket ?? ''}`;
  return `${uri.kind} ${uri.host.toLowerCase()} ${uri.port ?? SSH_PORT}`;
}

const SSH_PORT = 22;

/** Migrations are between two daemons; that Berth reaches both is not enough. */
function withoutPeerAddress(hosts: readonly HostSettings[], placeAt: PlaceAt): readonly Problem[] {
  if (hosts.length < 2) return [];
  return hosts
    .filter(({ peerUri }) => peerUri === null)
    .map(({ name }) =>
      problem({
        code: 'NoPeerAddress',
        severity: 'warning',
        message: `no machine can migrate to host ${name}: its uri leads to it from here only, and it has no peerUri`,
        place: placeAt(pointerOf(name, 'uri')),
        hint: `write the peerUri under which the daemons of other hosts reach it, such as qemu+tls://${name}/system`,
      }),
    );
}

function pointerOf(host: string, field: Field): string {
  return `/spec/connection/hosts/${host}/${field}`;
}
