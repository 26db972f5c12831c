/** A small cluster as documents and as simulated hardware, written from the same few facts. */
export interface ClusterOf {
  readonly hosts: readonly HostOf[];
  readonly machines: readonly MachineOf[];
  /** Extra lines below `spec:` of the migration policy. */
  readonly migration?: readonly string[];
  /** More documents, path → text. */
  readonly more?: Readonly<Record<string, string>>;
  readonly cluster?: readonly string[];
}

export interface HostOf {
  readonly name: string;
  readonly group?: string;
  readonly maintenance?: 'none' | 'cordon' | 'drain';
  readonly cpus?: number;
  readonly memoryMiB?: number;
  readonly vfs?: number;
}

export interface MachineOf {
  readonly name: string;
  /** Where it runs at the start; null: not yet. */
  readonly at: string | null;
  /** `spec.host`. */
  readonly host?: string | null;
  readonly vcpus?: number;
  readonly memoryMiB?: number;
  /** Number of VF claims: 0, 1 or 2. */
  readonly vfs?: number;
  readonly cpuPercent?: number;
  readonly dirtyMibps?: number;
  readonly strategies?: string;
  readonly labels?: string;
  readonly maxDowntimeMs?: number;
  /** In the hardware only. */
  readonly unwritten?: boolean;
}

const doc = (kind: string, name: string, spec: readonly string[], labels = ''): string =>
  [
    'apiVersion: berth/v1alpha1',
    `kind: ${kind}`,
    `metadata: { name: ${name}${labels === '' ? '' : `, labels: { ${labels} }`} }`,
    spec.length === 0 ? 'spec: {}' : 'spec:',
    ...spec.map((line) => `  ${line}`),
    '',
  ].join('\n');

/** The repository's files, the scenario excepted. */
export function documentsOf(of: ClusterOf): Record<string, string> {
  const groups = [...new Set(of.hosts.map(groupOf))];
  return {
    'cluster.yaml': doc('Cluster', 'test', [
      'driver: simulator',
      'connection: { scenario: .simulator/cluster.yaml }',
      ...(of.cluster ?? []),
    ]),
    'groups.yaml': groups.map((name) => doc('AccessGroup', name, [`switch: ${name}-leaf`])).join('---\n'),
    'classes.yaml': doc('DeviceClass', 'vf', ['type: vf', 'physicalNetwork: net']),
    'profiles.yaml': doc('PortProfile', 'profile', ['vlan: 100']),
    'migration.yaml': doc(
      'MigrationPolicy',
      'default',
      of.migration ?? ['forwardSeconds: 5', 'blastRadius: { maxSharePercent: 100 }'],
    ),
    'hosts.yaml': of.hosts
      .map((host) =>
        doc('Host', host.name, [
          `accessGroup: ${groupOf(host)}`,
          `maintenance: ${host.maintenance ?? 'none'}`,
          'ports:',
          '  - { netdev: ens1f0, physicalNetwork: net, switchPort: p1 }',
        ]),
      )
      .join('---\n'),
    ...Object.fromEntries(
      of.machines
        .filter((machine) => machine.unwritten !== true)
        .map((machine) => [`machines/${machine.name}.yaml`, machineDoc(machine)] as const),
    ),
    ...of.more,
  };
}

const groupOf = (host: HostOf): string => host.group ?? 'rack-a';

/** One machine's document. */
export function machineDoc(machine: MachineOf): string {
  const claims = claimsOf(machine);
  return doc(
    'VirtualMachine',
    machine.name,
    [
      `vcpus: ${machine.vcpus ?? 1}`,
      `memoryMiB: ${machine.memoryMiB ?? 1024}`,
      ...(machine.host == null ? [] : [`host: ${machine.host}`]),
      ...(machine.strategies === undefined ? [] : [`strategies: [${machine.strategies}]`]),
      ...(machine.maxDowntimeMs === undefined ? [] : [`maxDowntimeMs: ${machine.maxDowntimeMs}`]),
      ...(claims.length === 0 ? [] : ['devices:']),
      ...claims.flatMap(({ claim, mac, guestAddress }) => [
        `  - { name: ${claim}, class: vf, portProfile: profile, mac: '${mac}', guestAddress: '${guestAddress}' }`,
      ]),
    ],
    machine.labels,
  );
}

interface Claim {
  readonly claim: string;
  readonly mac: string;
  readonly guestAddress: string;
}

function claimsOf(machine: MachineOf): readonly Claim[] {
  const number = Buffer.from(machine.name).reduce((total, byte) => (total * 31 + byte) % 0xffff, 7);
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return Array.from({ length: machine.vfs ?? 0 }, (_, index) => ({
    claim: `net${index}`,
    mac: `52:54:00:${hex(number >> 8)}:${hex(number & 255)}:0${index}`,
    guestAddress: `0000:0${index + 5}:00.0`,
  }));
}

/** The hardware and what runs on it at the start, as the simulator reads it. */
export function scenarioInputOf(of: ClusterOf) {
  const used = new Map<string, number>();
  const nextVf = (host: string): string => {
    const index = used.get(host) ?? 0;
    used.set(host, index + 1);
    return `0000:3b:0${1 + Math.floor(index / 8)}.${index % 8}`;
  };
  return {
    historySeconds: 3600,
    hosts: of.hosts.map((host) => ({
      name: host.name,
      switch: `${groupOf(host)}-leaf`,
      cells: [{ cpus: host.cpus ?? 16, memoryMiB: host.memoryMiB ?? 32_768 }],
      migrationMibps: 1000,
      nics: [{ netdev: 'ens1f0', bdf: '0000:3b:00.0', vfs: host.vfs ?? 6, liveMigratable: true }],
    })),
    machines: of.machines.flatMap((machine) =>
      machine.at === null
        ? []
        : [
            {
              name: machine.name,
              host: machine.at,
              vcpus: machine.vcpus ?? 1,
              memoryMiB: machine.memoryMiB ?? 1024,
              dirtyMibps: machine.dirtyMibps ?? 10,
              load: machine.cpuPercent ?? 20,
              devices: Object.fromEntries(
                claimsOf(machine).map(({ claim, mac, guestAddress }) => [
                  claim,
                  { bdf: nextVf(machine.at ?? ''), mac, guestAddress, profile: 'profile' },
                ]),
              ),
            },
          ],
    ),
  };
}
