import type {
  Desired,
  DesiredHost,
  DesiredMachine,
  DeviceClass,
  LoadPolicy,
  MigrationPolicy,
  PlacementRule,
  World,
} from '../../src/model/index.js';
import { IDLE_VF } from '../../src/model/index.js';
import { netdevOf } from './fixture-devices.js';
import type { FixtureLines, HostLine, MachineLine } from './fixture-lines.js';
import { PLACE } from './fixture-lines.js';
import { worldOf } from './fixture-world.js';

export { NOW } from './fixture-lines.js';
export { bound } from './fixture-world.js';

/** What a load policy weighs that writes no weights. */
export const WEIGHTS: LoadPolicy['weights'] = {
  ...{ overload: 10, imbalance: 1, migration: 0.06, fragmentation: 5, groupCrossing: 0.1, hostsInUse: 1 },
};

/** Builds a committed cluster and the observation that goes with it. */
export function fixture(lines: FixtureLines): { readonly desired: Desired; readonly world: World } {
  const load = loadPolicy(Object.keys(lines.hosts), lines.load ?? {});
  const machines = Object.entries(lines.machines ?? {});
  const desired: Desired = {
    revision: 'rev-1',
    cluster: {
      name: 'test',
      place: PLACE,
      suspended: false,
      driver: 'simulator',
      connection: {},
      limits: { perHost: 2, perGroup: 4, perCluster: 8 },
      intervalSeconds: 60,
      requestedAt: '',
    },
    hosts: Object.entries(lines.hosts).map(([name, line]) => desiredHost(name, line)),
    accessGroups: groupsOf(lines.hosts, lines.uplinkMbps ?? 0),
    portProfiles: [{ name: 'profile', place: PLACE, vlan: 100, trunk: [], acl: [], rateMbps: 0 }],
    deviceClasses: [deviceClass('vf'), deviceClass('gpu')].map((entry) => ({
      ...entry,
      ...lines.classes?.find((change) => change.name === entry.name),
    })),
    machines: machines.filter(([, line]) => line.managed !== false).map(([name, line]) => desiredMachine(name, line)),
    rules: (lines.rules ?? []).map((rule, index): PlacementRule => ({
      policy: `rule-${index + 1}`,
      place: PLACE,
      ...rule,
    })),
    disruptionBudgets: (lines.budgets ?? []).map((budget, index) => ({
      policy: `budget-${index + 1}`,
      place: PLACE,
      ...budget,
    })),
    loadPolicies: [load],
    migrationPolicies: [migrationPolicy(lines.migration ?? {})],
    approvals: (lines.approvals ?? []).map((approval) => ({
      ...{ name: 'yes', place: PLACE, planHash: '', approvedBy: 'ada', expiresAt: null },
      ...approval,
    })),
  };
  return { desired, world: { ...worldOf(lines, load), ...lines.world } };
}

function desiredHost(name: string, line: HostLine): DesiredHost {
  const cells = Array.from({ length: line.cells ?? 1 }, (_, cell) => cell);
  return {
    name,
    place: PLACE,
    labels: {},
    accessGroup: line.group ?? 'a',
    zone: line.zone ?? 'z',
    maintenance: line.maintenance ?? 'none',
    reserved: { cpus: 0, memoryMiB: 0 },
    cpuAllocationRatio: 1,
    ports: cells.map((cell) => ({ netdev: netdevOf(cell), physicalNetwork: 'net', switchPort: `${name}-${cell}` })),
    expect: {},
    ...line.desired,
  };
}

function groupsOf(hosts: Readonly<Record<string, HostLine>>, uplinkMbps: number): Desired['accessGroups'] {
  const names = [...new Set(Object.values(hosts).map((line) => line.group ?? 'a'))];
  return names.map((name) => ({
    name,
    place: PLACE,
    switch: `sw-${name}`,
    uplinkMbps,
    latencyMs: {},
    hosts: Object.keys(hosts).filter((host) => (hosts[host]?.group ?? 'a') === name),
  }));
}

function deviceClass(name: 'vf' | 'gpu'): DeviceClass {
  const vf = name === 'vf';
  return {
    name,
    place: PLACE,
    type: vf ? 'vf' : 'function',
    vendors: [],
    devices: [],
    drivers: [],
    categories: [vf ? 'network' : 'gpu'],
    physicalNetwork: vf ? 'net' : null,
    strategies: vf ? ['vfio-live', 'failover', 'hotplug', 'cold'] : ['hotplug', 'cold'],
  };
}

function desiredMachine(name: string, line: MachineLine): DesiredMachine {
  return {
    name,
    place: PLACE,
    labels: {},
    suspended: false,
    role: '',
    vcpus: line.vcpus ?? 2,
    memoryMiB: line.memoryMiB ?? 4096,
    hugepageSizeKiB: 0,
    isolatedCpus: false,
    ptp: false,
    numaPinned: false,
    claims: Object.entries(line.claims ?? {}).map(([claim, type]) => ({
      name: claim,
      place: PLACE,
      class: type,
      portProfile: type === 'vf' ? 'profile' : null,
      mac: null,
      guestAddress: '',
      attributes: IDLE_VF,
      numaLocal: false,
    })),
    diskGiB: 10,
    sharedDisks: true,
    host: line.host ?? null,
    hostPlace: line.host === undefined ? null : PLACE,
    strategies: ['vfio-live', 'failover', 'hotplug', 'cold'],
    maxDowntimeMs: 500,
    latencyBudgets: [],
    migrationWeight: 1,
    migrationPolicy: 'migration',
    ...line.desired,
  };
}

function loadPolicy(hosts: readonly string[], changes: Partial<LoadPolicy>): LoadPolicy {
  return {
    name: 'load',
    place: PLACE,
    suspended: false,
    goal: 'relieve',
    hosts,
    thresholds: [{ metric: 'cpu', high: 0.8, low: 0.6 }],
    windowSeconds: 300,
    holdWindows: 3,
    cooldownSeconds: 900,
    minimumGain: 0.01,
    crossGroup: 'when-needed',
    maxMoves: 10,
    tolerance: 0.05,
    slot: null,
    weights: WEIGHTS,
    search: { evaluations: 20_000, seed: 1 },
    ...changes,
  };
}

function migrationPolicy(changes: Partial<MigrationPolicy>): MigrationPolicy {
  return {
    name: 'migration',
    place: PLACE,
    suspended: false,
    limits: { perHost: 2, perGroup: 4, perCluster: 8 },
    bandwidthMibps: 0,
    autoConverge: false,
    connections: 1,
    deadline: { baseSeconds: 120, secondsPerGiB: 10 },
    stepDeadlineSeconds: 60,
    reservationTtlSeconds: 1800,
    forwardSeconds: 60,
    windows: [],
    approval: 'none',
    blastRadius: { maxMoves: 50, maxShare: 1 },
    planTtlSeconds: 900,
    ...changes,
  };
}
