import { IDLE_VF, type Bdf, type Host, type NumaNode, type PciDevice, type SwitchPort } from '../../model/index.js';
import type { CpuLoad, MachineLoad } from './load.js';
import type { HostInput, LoadInput, MachineInput, NicInput, Scenario, ScenarioInput } from './scenario.js';
import type { SimulatedMachine } from './state.js';

/** How long calls take when a scenario does not say, in milliseconds. */
export const DURATIONS_MS: Readonly<Record<string, number>> = {
  observe: 20,
  commission: 800,
  decommission: 300,
  reconfigure: 100,
  detach: 1500,
  attach: 1200,
  migrate: 100,
  'migrate-setup': 300,
  switchover: 20,
  abort: 100,
  start: 3000,
  stop: 2000,
  undefine: 100,
  'apply-port-profile': 400,
  'remove-port-profile': 400,
  'set-vf': 60,
  'reset-vf': 60,
  announce: 200,
  forward: 100,
  unforward: 100,
};

/** Finds a trace's row; null when there is none. */
export type TraceLookup = (trace: string, row: string | number) => readonly number[] | null;

/** The scenario with every default filled in. Inputs are taken as checked; a name that does not resolve is a bug and throws. */
export function expandScenario(input: ScenarioInput, traces: TraceLookup = () => null): Scenario {
  const hosts = input.hosts.map((host) => ({ ...input.templates?.[host.template ?? ''], ...host }));
  const machines = input.machines ?? [];
  const loads = { ...input.loads };
  for (const machine of machines) if (machine.load !== undefined) loads[machine.name] = machine.load;
  return {
    startsAt: Date.parse(input.startsAt ?? '2026-01-05T08:00:00Z'),
    historySeconds: input.historySeconds ?? 7200,
    hosts: hosts.map((host) => hostFrom(host, machines)),
    machines: machines.map(machineFrom),
    ports: hosts.flatMap((host) => portsFrom(host, machines)),
    latencies: hosts.flatMap((host) =>
      Object.entries(host.latencyMs ?? {}).map(([site, ms]) => ({ host: host.name, site, ms })),
    ),
    loads: Object.fromEntries(Object.entries(loads).map(([name, load]) => [name, loadFrom(name, load, traces)])),
    durationsMs: { ...DURATIONS_MS, ...input.durationsMs },
  };
}

/** Address of a VF: functions of a NIC's first port follow at device 1, those of its other ports at device 17. */
function vfBdf(pf: Bdf, index: number): Bdf {
  const [domain = '', bus = '', rest = ''] = pf.split(':');
  const routing = 8 + (rest.endsWith('.0') ? 0 : 128) + index;
  return `${domain}:${bus}:${(routing >> 3).toString(16).padStart(2, '0')}.${routing & 7}`;
}

function hostFrom(input: HostInput, machines: readonly MachineInput[]): Host {
  const cells = input.cells ?? [{ cpus: 32, memoryMiB: 131_072 }];
  const devices = devicesFrom(input);
  return {
    name: input.name,
    state: 'up',
    cpuModel: input.cpuModel ?? 'Icelake-Server',
    cpuFeatures: input.cpuFeatures ?? ['avx512f', 'aes', 'invtsc'],
    machineTypes: input.machineTypes ?? ['pc-q35-9.0', 'pc-q35-8.2'],
    ptp: input.ptp ?? false,
    numaNodes: cells.map((cell, id): NumaNode => ({
      id,
      cpus: cell.cpus,
      isolatedCpus: cell.isolatedCpus ?? 0,
      memoryMiB: cell.memoryMiB,
      hugepages: Object.entries(cell.hugepages ?? {}).map(([size, total]) => ({ sizeKiB: Number(size), total })),
    })),
    devices: devices.map((device) => withOwner(device, input.name, machines)),
    migrationMibps: input.migrationMibps ?? 1100,
  };
}

function devicesFrom(host: HostInput): readonly PciDevice[] {
  let group = 0;
  const shared = new Map<string, number>();
  const named = (name: string | undefined): number => {
    const known = name === undefined ? undefined : shared.get(name);
    if (known !== undefined) return known;
    group++;
    if (name !== undefined) shared.set(name, group);
    return group;
  };
  const nics = (host.nics ?? []).flatMap((nic) => {
    const pf = pfFrom(nic, ++group);
    const size = nic.vfsPerGroup ?? 1;
    const first = group + 1;
    const vfs = Array.from({ length: nic.vfs ?? 0 }, (_, i) => vfFrom(nic, i, first + Math.floor(i / size)));
    group = vfs.at(-1)?.iommuGroup ?? group;
    return [pf, ...vfs];
  });
  const others = (host.devices ?? []).map((input): PciDevice => ({
    bdf: input.bdf,
    vendor: input.vendor,
    device: input.device,
    category: input.category ?? 'other',
    driver: input.driver ?? 'vfio-pci',
    iommuGroup: named(input.group),
    numaNode: input.numaNode ?? 0,
    liveMigratable: input.liveMigratable ?? false,
    function: { kind: 'whole' },
  }));
  return [...nics, ...others];
}

function pfFrom(nic: NicInput, iommuGroup: number): PciDevice {
  return {
    bdf: nic.bdf,
    vendor: nic.vendor ?? '8086',
    device: nic.device ?? '1592',
    category: 'network',
    driver: nic.driver ?? 'ice',
    iommuGroup,
    numaNode: nic.numaNode ?? 0,
    liveMigratable: false,
    function: {
      kind: 'pf',
      netdev: nic.netdev,
      speedMbps: nic.speedMbps ?? 25_000,
      totalVfs: nic.totalVfs ?? Math.max(64, nic.vfs ?? 0),
      mode: nic.mode ?? 'legacy',
      linkState: nic.linkState ?? 'up',
    },
  };
}

/** One VF of a NIC, idle. */
function vfFrom(nic: NicInput, index: number, iommuGroup: number): PciDevice {
  return {
    bdf: vfBdf(nic.bdf, index),
    vendor: nic.vendor ?? '8086',
    device: nic.vfDevice ?? '1889',
    category: 'network',
    driver: nic.vfDriver ?? 'vfio-pci',
    iommuGroup,
    numaNode: nic.numaNode ?? 0,
    liveMigratable: nic.liveMigratable ?? false,
    function: { kind: 'vf', parent: nic.bdf, index, attributes: IDLE_VF },
  };
}

/** A VF that a machine has at the start carries the machine's address. */
function withOwner(device: PciDevice, host: string, machines: readonly MachineInput[]): PciDevice {
  if (device.function.kind !== 'vf') return device;
  for (const machine of machines) {
    for (const held of Object.values(machine.devices ?? {})) {
      if (machine.host !== host || held.bdf !== device.bdf) continue;
      const attributes = {
        ...IDLE_VF,
        adminMac: held.mac ?? null,
        vlan: held.vlan ?? null,
        trust: held.trust ?? false,
      };
      return { ...device, function: { ...device.function, attributes } };
    }
  }
  return device;
}

function machineFrom(input: MachineInput): SimulatedMachine {
  return {
    name: input.name,
    host: input.host,
    state: 'running',
    vcpus: input.vcpus ?? 2,
    memoryMiB: input.memoryMiB ?? 4096,
    hugepageSizeKiB: input.hugepageSizeKiB ?? 0,
    numaNode: input.numaNode ?? null,
    assignments: Object.entries(input.devices ?? {}).map(([claim, held], i) => ({
      claim,
      device: held.bdf,
      guestAddress: held.guestAddress ?? `0000:${(5 + i).toString(16).padStart(2, '0')}:00.0`,
      mac: held.mac ?? null,
    })),
    staged: [],
    dirtyMibps: input.dirtyMibps ?? 20,
    diskGiB: input.diskGiB ?? 20,
    sharedDisks: input.sharedDisks ?? true,
    job: null,
    isolatedCpus: input.isolatedCpus ?? false,
    standby: input.standby ?? true,
    answersUnplug: input.answersUnplug ?? true,
  };
}

function portsFrom(host: HostInput, machines: readonly MachineInput[]): readonly SwitchPort[] {
  return (host.nics ?? []).map((nic): SwitchPort => {
    const vfs = new Set(Array.from({ length: nic.vfs ?? 0 }, (_, i) => vfBdf(nic.bdf, i)));
    const users = machines
      .filter((machine) => machine.host === host.name)
      .flatMap((machine) =>
        Object.entries(machine.devices ?? {}).map(([claim, held]) => ({ machine: machine.name, claim, ...held })),
      )
      .filter((user) => vfs.has(user.bdf));
    return {
      host: host.name,
      netdev: nic.netdev,
      switch: nic.switch ?? host.switch ?? `switch-of-${host.name}`,
      port: nic.switchPort ?? `${host.name}-${nic.netdev}`,
      profiles: users.flatMap(({ machine, claim, profile }) =>
        profile === undefined ? [] : [{ profile, machine, claim }],
      ),
      learned: users.flatMap(({ mac }) => mac ?? []),
    };
  });
}

function loadFrom(name: string, input: LoadInput, traces: TraceLookup): MachineLoad {
  const load = typeof input === 'number' ? { cpuPercent: input } : input;
  return {
    cpu: cpuFrom(name, load, traces),
    memoryPercent: load.memoryPercent ?? 60,
    networkMbps: load.networkMbps ?? 0,
  };
}

function cpuFrom(name: string, load: Exclude<LoadInput, number>, traces: TraceLookup): CpuLoad {
  const periodSeconds = load.periodSeconds ?? 300;
  if (load.inline !== undefined) return { kind: 'trace', percents: load.inline, periodSeconds };
  if (load.trace !== undefined) {
    const percents = traces(load.trace, load.row ?? name);
    if (percents === null) throw new Error(`trace ${load.trace} has no row ${load.row ?? name}`);
    return { kind: 'trace', percents, periodSeconds };
  }
  if (load.generator !== undefined) {
    const { meanPercent, amplitudePercent, noisePercent, seed } = load.generator;
    return {
      kind: 'generator',
      meanPercent,
      amplitudePercent: amplitudePercent ?? 0,
      periodSeconds: load.generator.periodSeconds ?? 86_400,
      noisePercent: noisePercent ?? 0,
      seed: seed ?? 0,
    };
  }
  return { kind: 'constant', percent: load.cpuPercent ?? 0 };
}
