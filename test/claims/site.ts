import { stringify } from 'yaml';
import { parseScenario } from '../../src/drivers/simulator/parse-scenario.js';
import type { Scenario } from '../../src/drivers/simulator/scenario.js';

export type Fields = Readonly<Record<string, unknown>>;

/** A 5G edge site: what people commit, and the hardware that it is about. Everything is optional but names. */
export interface Site {
  readonly hosts?: readonly SiteHost[];
  readonly machines: readonly SiteMachine[];
  /** Fields of the load policy; null: there is none. */
  readonly load?: Fields | null;
  /** Fields of the migration policy. */
  readonly migration?: Fields;
  /** More documents: `Kind/name` → spec. */
  readonly more?: Readonly<Record<string, Fields>>;
}

export interface SiteHost {
  readonly name: string;
  readonly group?: string;
  /** Fields of the document. */
  readonly spec?: Fields;
  /** Fields of the hardware. */
  readonly hardware?: Fields;
}

export interface SiteMachine {
  readonly name: string;
  /** Where it runs at the start; null: nowhere yet. */
  readonly at: string | null;
  readonly claims?: readonly ClaimName[];
  readonly vcpus?: number;
  readonly memoryMiB?: number;
  readonly cpuPercent?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Fields of the document. */
  readonly spec?: Fields;
  /** Fields of the hardware. */
  readonly hardware?: Fields;
}

export type ClaimName = 'fronthaul' | 'midhaul' | 'gpu' | 'nvme' | 'fpga';

/** Devices of every host: two ports with VFs, and one of each whole function. */
const NICS = [
  { netdev: 'ens1f0', bdf: '0000:3b:00.0', vfs: 6, liveMigratable: true },
  { netdev: 'ens2f0', bdf: '0000:5e:00.0', vfs: 6, liveMigratable: true },
];
const WHOLE = [
  { bdf: '0000:17:00.0', vendor: '10de', device: '2235', category: 'gpu' },
  { bdf: '0000:65:00.0', vendor: '144d', device: 'a824', category: 'nvme' },
  { bdf: '0000:ca:00.0', vendor: '1172', device: '09c4', category: 'fpga' },
];
const FIRST_BDF: Readonly<Record<ClaimName, (index: number) => string>> = {
  fronthaul: (index) => `0000:3b:01.${index}`,
  midhaul: (index) => `0000:5e:01.${index}`,
  gpu: () => '0000:17:00.0',
  nvme: () => '0000:65:00.0',
  fpga: () => '0000:ca:00.0',
};

const FOUR_HOSTS: readonly SiteHost[] = [
  { name: 'edge-1', group: 'rack-1' },
  { name: 'edge-2', group: 'rack-1' },
  { name: 'edge-3', group: 'rack-2' },
  { name: 'edge-4', group: 'rack-2' },
];

/** Seconds that the source host forwards in these tests. */
export const FORWARD_SECONDS = 10;

/** CPUs of a host. */
const CPUS = 48;

/** The files of the repository, the simulator's scenario among them. */
export function filesOf(site: Site): Readonly<Record<string, string>> {
  const hosts = site.hosts ?? FOUR_HOSTS;
  const groups = [...new Set(hosts.map(groupOf))];
  const documents: Readonly<Record<string, Fields>> = {
    'Cluster/edge': { driver: 'simulator', connection: { scenario: SCENARIO } },
    ...Object.fromEntries(groups.map((name) => [`AccessGroup/${name}`, { switch: switchOf(name) }])),
    ...Object.fromEntries(hosts.map((host) => [`Host/${host.name}`, hostSpec(host)])),
    'DeviceClass/fronthaul-vf': { type: 'vf', physicalNetwork: 'fronthaul' },
    'DeviceClass/midhaul-vf': { type: 'vf', physicalNetwork: 'midhaul' },
    'DeviceClass/gpu': { type: 'function', categories: ['gpu'] },
    'DeviceClass/nvme': { type: 'function', categories: ['nvme'] },
    'DeviceClass/fpga': { type: 'function', categories: ['fpga'] },
    'PortProfile/fronthaul-100': { vlan: 100, trunk: [200], rateMbps: 10_000 },
    'PortProfile/midhaul-300': { vlan: 300 },
    'MigrationPolicy/default': {
      forwardSeconds: FORWARD_SECONDS,
      blastRadius: { maxSharePercent: 100 },
      ...site.migration,
    },
    ...(site.load === null ? {} : { 'LoadPolicy/balance': { ...LOAD_POLICY, ...site.load } }),
    ...site.more,
  };
  return {
    ...textsOf(documents),
    ...Object.fromEntries(
      site.machines.map((machine) => {
        const key = `VirtualMachine/${machine.name}`;
        return [pathOf(key), text(key, machineSpec(machine), machine.labels)];
      }),
    ),
    [SCENARIO]: stringify(hardwareOf(site, hosts), { aliasDuplicateObjects: false }),
  };
}

/** Documents, `Kind/name` → spec, as files. */
export function textsOf(documents: Readonly<Record<string, Fields>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(documents).map(([key, spec]) => [pathOf(key), text(key, spec)]));
}

/** What the site's scenario file says, read as Berth reads it. */
export async function scenarioOf(files: Readonly<Record<string, string>>): Promise<Scenario> {
  const read = await parseScenario(files[SCENARIO] ?? '', SCENARIO, () => Promise.resolve(null));
  if (!read.ok) throw new Error(JSON.stringify(read.problems, null, 2));
  return read.value;
}

/** The address of a machine's claim. */
export function macOf(machine: string, claim: ClaimName): string {
  const number = Buffer.from(machine).reduce((sum, byte) => (sum * 31 + byte) % 0xffff, 7);
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return `52:54:00:${hex(number >> 8)}:${hex(number & 255)}:${claim === 'fronthaul' ? '01' : '02'}`;
}

const SCENARIO = '.simulator/cluster.yaml';

/** Above 60 % for three windows of a minute a host gives, below 40 % it takes. */
const LOAD_POLICY: Fields = {
  thresholds: [{ metric: 'cpu', high: 0.6, low: 0.4 }],
  windowSeconds: 60,
  holdWindows: 3,
};

function text(key: string, spec: Fields, labels?: Fields): string {
  const [kind = '', name = ''] = key.split('/');
  const metadata = labels === undefined ? { name } : { name, labels };
  return stringify({ apiVersion: 'berth/v1alpha1', kind, metadata, spec }, { aliasDuplicateObjects: false });
}

const pathOf = (key: string): string => `${key.toLowerCase()}.yaml`;
const groupOf = (host: SiteHost): string => host.group ?? 'rack-1';
const switchOf = (group: string): string => `leaf-of-${group}`;

function hostSpec(host: SiteHost): Fields {
  const ports = [
    { netdev: 'ens1f0', physicalNetwork: 'fronthaul', switchPort: `${host.name}-1` },
    { netdev: 'ens2f0', physicalNetwork: 'midhaul', switchPort: `${host.name}-2` },
  ];
  return { accessGroup: groupOf(host), ports, ...host.spec };
}

function machineSpec(machine: SiteMachine): Fields {
  const devices = (machine.claims ?? []).map((name, index) => ({ name, guestAddress: guestAddress(index), ...deviceSpec(machine.name, name) })); // prettier-ignore
  return { vcpus: machine.vcpus ?? 8, memoryMiB: machine.memoryMiB ?? 8192, devices, ...machine.spec };
}

function deviceSpec(machine: string, claim: ClaimName): Fields {
  switch (claim) {
    case 'fronthaul':
      return {
        class: 'fronthaul-vf',
        portProfile: 'fronthaul-100',
        mac: macOf(machine, claim),
        vlan: 100,
        trust: true,
      };
    case 'midhaul':
      return { class: 'midhaul-vf', portProfile: 'midhaul-300', mac: macOf(machine, claim), vlan: 300 };
    case 'gpu':
    case 'nvme':
    case 'fpga':
      return { class: claim };
  }
}

const guestAddress = (index: number): string => `0000:0${5 + index}:00.0`;

function hardwareOf(site: Site, hosts: readonly SiteHost[]): Fields {
  const taken = new Map<string, number>();
  const next = (host: string, claim: ClaimName): string => {
    const index = taken.get(`${host} ${claim}`) ?? 0;
    taken.set(`${host} ${claim}`, index + 1);
    return FIRST_BDF[claim](index);
  };
  const running = site.machines.filter((machine) => machine.at !== null);
  return {
    historySeconds: 3600,
    hosts: hosts.map((host) => ({
      name: host.name,
      switch: switchOf(groupOf(host)),
      ptp: true,
      cells: [{ cpus: CPUS, isolatedCpus: 24, memoryMiB: 131_072, hugepages: { 1048576: 32 } }],
      nics: NICS.map((nic, index) => ({ ...nic, switchPort: `${host.name}-${index + 1}` })),
      devices: WHOLE,
      ...host.hardware,
    })),
    machines: running.map((machine) => ({
      name: machine.name,
      host: machine.at,
      vcpus: machine.vcpus ?? 8,
      memoryMiB: machine.memoryMiB ?? 8192,
      load: machine.cpuPercent ?? 90,
      devices: Object.fromEntries(
        (machine.claims ?? []).map((claim, index) => [
          claim,
          { bdf: next(machine.at ?? '', claim), guestAddress: guestAddress(index), ...addressOf(machine.name, claim) },
        ]),
      ),
      ...machine.hardware,
    })),
    loads: Object.fromEntries(
      site.machines.filter(({ at }) => at === null).map(({ name, cpuPercent }) => [name, cpuPercent ?? 90]),
    ),
  };
}

function addressOf(machine: string, claim: ClaimName): Fields {
  switch (claim) {
    case 'fronthaul':
      return { mac: macOf(machine, claim), profile: 'fronthaul-100', vlan: 100, trust: true };
    case 'midhaul':
      return { mac: macOf(machine, claim), profile: 'midhaul-300', vlan: 300 };
    case 'gpu':
    case 'nvme':
    case 'fpga':
      return {};
  }
}

/** A machine that makes load and stays: `cpus` of the host's 48 are in use. */
export function burden(at: string, cpus: number): SiteMachine {
  return { name: `burden-${at}`, at, vcpus: cpus, cpuPercent: 100, memoryMiB: 4096, spec: { suspend: true } };
}
