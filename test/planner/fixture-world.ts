import type {
  Assignment,
  Bdf,
  Host,
  LoadPolicy,
  LoadSample,
  Machine,
  Reservation,
  SwitchPort,
  World,
} from '../../src/model/index.js';
import { devicesOf } from './fixture-devices.js';
import { NOW } from './fixture-lines.js';
import type { FixtureLines, HostLine, MachineLine } from './fixture-lines.js';

/** What is observed of a fixture. */
export function worldOf(lines: FixtureLines, load: LoadPolicy): World {
  const hosts = Object.entries(lines.hosts).flatMap(([name, line]) =>
    line.state === 'unobserved' ? [] : [observedHost(name, line.state ?? 'up', line)],
  );
  const machines = observedMachines(lines, hosts);
  return {
    cluster: 'test',
    at: NOW,
    hosts,
    machines,
    dummies: [],
    switchPorts: hosts.flatMap((host) =>
      host.devices.flatMap((device) =>
        device.function.kind === 'pf'
          ? [
              {
                ...{ host: host.name, netdev: device.function.netdev, switch: 'sw', port: '1', learned: [] },
                profiles: profilesOn(host, device.bdf, machines),
              },
            ]
          : [],
      ),
    ),
    forwards: [],
    latencies: Object.entries(lines.hosts).flatMap(([host, line]) =>
      Object.entries(line.latency ?? {}).map(([site, ms]) => ({ host, site, ms })),
    ),
    reservations: machines.flatMap((machine) => machine.assignments.map((assignment) => bound(machine, assignment))),
    samples: samplesOf(lines, load),
    lastMoves: Object.entries(lines.machines ?? {}).flatMap(([machine, line]) =>
      line.movedSecondsAgo === undefined
        ? []
        : [{ machine, from: line.movedFrom ?? null, at: NOW - line.movedSecondsAgo * 1000 }],
    ),
  };
}

/** The switch has a profile for each machine that uses a VF of the port. */
function profilesOn(host: Host, port: Bdf, machines: readonly Machine[]): SwitchPort['profiles'] {
  const vfs = host.devices.filter(({ function: vf }) => vf.kind === 'vf' && vf.parent === port).map(({ bdf }) => bdf);
  return machines
    .filter((machine) => machine.host === host.name)
    .flatMap(({ name, assignments }) =>
      assignments
        .filter(({ device }) => vfs.includes(device))
        .map(({ claim }) => ({ profile: 'profile', machine: name, claim })),
    );
}

function observedHost(name: string, state: Host['state'], line: HostLine): Host {
  const cells = line.cells ?? 1;
  return {
    name,
    state,
    cpuModel: 'cpu-1',
    cpuFeatures: [],
    machineTypes: ['q35'],
    ptp: line.ptp ?? false,
    numaNodes: Array.from({ length: cells }, (_, id) => ({
      id,
      cpus: (line.cpus ?? 32) / cells,
      isolatedCpus: (line.isolatedCpus ?? 0) / cells,
      memoryMiB: (line.memoryMiB ?? 65_536) / cells,
      hugepages: [{ sizeKiB: 1_048_576, total: (line.hugepages ?? 0) / cells }],
    })),
    devices: devicesOf({ cells, vfs: line.vfs ?? 4, gpus: line.gpus ?? 0, live: line.live ?? true }),
    migrationMibps: 1000,
    ...line.observed,
  };
}

function observedMachines(lines: FixtureLines, hosts: readonly Host[]): Machine[] {
  const used = new Set<string>();
  return Object.entries(lines.machines ?? {}).flatMap(([name, line], index) => {
    if (line.on === undefined) return [];
    const devices = hosts.find((host) => host.name === line.on)?.devices ?? [];
    const assignments = Object.entries(line.claims ?? {}).map(([claim, type], claimIndex): Assignment => {
      const kind = type === 'vf' ? 'vf' : 'whole';
      const device = devices.find(
        (entry) => entry.function.kind === kind && !used.has(`${line.on ?? ''}/${entry.bdf}`),
      );
      if (device === undefined) throw new Error(`fixture: no free ${type} on ${line.on ?? ''} for ${name}`);
      used.add(`${line.on ?? ''}/${device.bdf}`);
      return {
        claim,
        device: device.bdf,
        guestAddress: `0000:00:0${claimIndex + 3}.0`,
        mac: kind === 'vf' ? `52:54:00:00:${hex(index)}:${hex(claimIndex)}` : null,
      };
    });
    return [observedMachine(name, line, line.on, assignments)];
  });
}

function observedMachine(name: string, line: MachineLine, host: string, assignments: readonly Assignment[]): Machine {
  return {
    name,
    host,
    state: 'running',
    vcpus: line.vcpus ?? 2,
    memoryMiB: line.memoryMiB ?? 4096,
    hugepageSizeKiB: line.desired?.hugepageSizeKiB ?? 0,
    numaNode: null,
    assignments,
    staged: [],
    standby: line.standby ?? true,
    dirtyMibps: line.dirtyMibps ?? 10,
    diskGiB: 10,
    sharedDisks: line.desired?.sharedDisks ?? true,
    job: null,
    ...line.observed,
  };
}

/** The ledger's entry for a device that a machine owns. */
export function bound(machine: Machine, assignment: Assignment): Reservation {
  return {
    host: machine.host,
    device: assignment.device,
    epoch: 1,
    phase: 'Bound',
    machine: machine.name,
    claim: assignment.claim,
    holder: 'machine',
    dummy: null,
    move: '',
    planHash: '',
    expiresAt: null,
  };
}

function samplesOf(lines: FixtureLines, load: LoadPolicy): LoadSample[] {
  const samples: LoadSample[] = [];
  const windows = load.holdWindows;
  const add = (kind: 'host' | 'machine', name: string, metric: 'cpu' | 'memory', values: readonly number[]) => {
    values.forEach((value, index) => {
      const at = NOW - (values.length - 1 - index) * load.windowSeconds * 1000;
      samples.push({ subject: { kind, name }, metric, value, at, windowSeconds: load.windowSeconds });
    });
  };
  const repeated = (value: number) => Array.from({ length: windows }, () => value);
  const seriesOf = (values: number | readonly number[]) => (typeof values === 'number' ? repeated(values) : values);
  for (const [name, line] of Object.entries(lines.hosts)) {
    if (line.cpu !== undefined) add('host', name, 'cpu', seriesOf(line.cpu));
    if (line.memory !== undefined) add('host', name, 'memory', repeated(line.memory));
  }
  for (const [name, line] of Object.entries(lines.machines ?? {})) {
    if (line.cpu !== undefined) add('machine', name, 'cpu', seriesOf(line.cpu));
  }
  return samples;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
