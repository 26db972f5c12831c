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

/** `spec.connection` as its schema lets it through. */
type Connection = Partial<Omit<LibvirtSettings, 'hosts'>> & {
  readonly hosts?: Readonly<
    Record<
      string,
      Partial<Record<'peerUri' | 'migrationUri' | 'commands' | 'guardLedger', string>> & { readonly uri: string }
    >
  >;
};

/** The settings of a cluster whose document is valid; problems for addresses that cannot be used, by the key that they are under. */
export function libvirtSettings({ name, place, connection }: DesiredCluster): Result<LibvirtSettings> {
  const problems: Problem[] = [];
  const wrong = (where: string, { reason, hint }: { readonly reason: string; readonly hint: string }): null => {
    problems.push(
      problem({ code: 'BadConnection', message: `cluster ${name}, connection.${where}: ${reason}`, place, hint }),
    );
    return null;
  };
  const { hosts: written = {}, ...given } = connection as Connection;
  const hosts = Object.entries(written).flatMap(([host, one]): readonly HostSettings[] => {
    const uri = parseLibvirtUri(one.uri);
    const target = one.commands === undefined ? null : parseCommandTarget(one.commands);
    const commands = target?.ok === false ? wrong(`hosts.${host}.commands`, target) : (target?.value ?? null);
    if (!uri.ok) {
      wrong(`hosts.${host}.uri`, uri);
      return [];
    }
    return [
      {
        name: host,
        uri: uri.value,
        // No other host reaches a unix socket of this one.
        peerUri: one.peerUri ?? (uri.value.kind === 'unix' ? null : one.uri),
        migrationUri: one.migrationUri ?? null,
        commands,
        guardLedger: one.guardLedger ?? null,
      },
    ];
  });
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { ...DEFAULTS, ...given, hosts }, warnings: [] };
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
