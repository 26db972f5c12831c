import { problem, type DesiredCluster, type Problem, type Result } from '../../model/index.js';
import { parseCommandTarget, type CommandTarget } from './host-commands/index.js';
import { parseLibvirtUri, type LibvirtUri } from './rpc/index.js';

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

const HINT =
  'spec.connection.hosts names each host with its uri, such as { host-a: { uri: "qemu+tls://host-a/system" } }; see examples/10-libvirt-two-hosts';

/** Checks the connection of a cluster. What is wrong is told by the key that it is under. */
export function libvirtSettings({ name, place, connection }: DesiredCluster): Result<LibvirtSettings> {
  const problems: Problem[] = [];
  const wrong = (message: string): void => {
    problems.push(problem({ code: 'BadConnection', message: `cluster ${name}: ${message}`, place, hint: HINT }));
  };
  const take = taker(wrong);
  const unknownKeys = (of: object, known: readonly string[], where: string): void => {
    for (const key of Object.keys(of)) if (!known.includes(key)) wrong(`${where}.${key} is unknown`);
  };
  unknownKeys(connection, KEYS, 'connection');
  const hosts = Object.entries(take.record(connection['hosts'], 'connection.hosts')).map(([host, value]) => {
    const where = `connection.hosts.${host}`;
    const given = take.record(value, where);
    unknownKeys(given, HOST_KEYS, where);
    const written = take.text(given['uri'], `${where}.uri`) ?? '';
    const uri = parseLibvirtUri(written);
    if (!uri.ok) wrong(`${where}.uri: ${uri.reason}; ${uri.hint}`);
    const peerUri =
      take.text(given['peerUri'], `${where}.peerUri`) ?? (uri.ok && uri.value.kind !== 'unix' ? written : null);
    const commands = take.text(given['commands'], `${where}.commands`);
    const target = commands === null ? null : parseCommandTarget(commands);
    if (target?.ok === false) wrong(`${where}.commands: ${target.reason}; ${target.hint}`);
    const guardLedger = take.text(given['guardLedger'], `${where}.guardLedger`);
    if (guardLedger !== null && commands === null) wrong(`${where}.guardLedger needs ${where}.commands to be written`);
    return {
      name: host,
      uri,
      peerUri,
      migrationUri: take.text(given['migrationUri'], `${where}.migrationUri`),
      commands: target?.ok === true ? target.value : null,
      guardLedger,
    };
  });
  if (hosts.length === 0 && problems.length === 0) wrong('connection.hosts is empty');
  const settings = {
    resyncSeconds: take.seconds(connection['resyncSeconds'], 'connection.resyncSeconds') ?? 60,
    shutdownSeconds: take.seconds(connection['shutdownSeconds'], 'connection.shutdownSeconds') ?? 30,
    unplugSeconds: take.seconds(connection['unplugSeconds'], 'connection.unplugSeconds') ?? 30,
    sharedPaths: take.texts(connection['sharedPaths'], 'connection.sharedPaths'),
    image: take.text(connection['image'], 'connection.image'),
    liveMigratable: take.texts(connection['liveMigratable'], 'connection.liveMigratable'),
    tls: take.flag(connection['tls'], 'connection.tls'),
  };
  if (problems.length > 0) return { ok: false, problems };
  const reached = hosts.flatMap((host) => (host.uri.ok ? [{ ...host, uri: host.uri.value }] : []));
  return { ok: true, value: { ...settings, hosts: reached }, warnings: [] };
}

const KEYS = [
  'hosts',
  'resyncSeconds',
  'shutdownSeconds',
  'unplugSeconds',
  'sharedPaths',
  'image',
  'liveMigratable',
  'tls',
];
const HOST_KEYS = ['uri', 'peerUri', 'migrationUri', 'commands', 'guardLedger'];

function taker(wrong: (message: string) => void) {
  const text = (value: unknown, where: string): string | null => {
    if (value === undefined) return null;
    if (typeof value === 'string' && value !== '') return value;
    wrong(`${where} is no text`);
    return null;
  };
  return {
    text,
    texts: (value: unknown, where: string): readonly string[] => {
      if (value === undefined) return [];
      if (Array.isArray(value)) return value.flatMap((one: unknown, index) => text(one, `${where}[${index}]`) ?? []);
      wrong(`${where} is no list`);
      return [];
    },
    record: (value: unknown, where: string): Readonly<Record<string, unknown>> => {
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
      wrong(value === undefined ? `${where} is missing` : `${where} holds no keys`);
      return {};
    },
    seconds: (value: unknown, where: string): number | null => {
      if (value === undefined) return null;
      if (typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= 86_400) return value;
      wrong(`${where} is no number of seconds from 0 to 86400`);
      return null;
    },
    flag: (value: unknown, where: string): boolean => {
      if (value === undefined || typeof value === 'boolean') return value ?? false;
      wrong(`${where} is neither true nor false`);
      return false;
    },
  };
}
