import type { DocumentOf } from '../../model/kinds.generated.js';

export type RoleSpec = DocumentOf<'RoleProfile'>['spec'];

const ORDINARY: RoleSpec = {
  hugepageSizeKiB: 0,
  isolatedCpus: false,
  ptp: false,
  numaPinned: false,
  numaLocalDevices: false,
  devices: [],
  strategies: ['vfio-live', 'failover', 'hotplug', 'cold'],
  windowStrategies: [],
  maxDowntimeMs: 500,
  migrationWeight: 1,
  replicasApart: 'none',
};

/** Real time on the radio side: nothing but a move with device state, unless a maintenance window was agreed on. */
const DISTRIBUTED_UNIT: RoleSpec = {
  ...ORDINARY,
  hugepageSizeKiB: 1_048_576,
  isolatedCpus: true,
  ptp: true,
  numaPinned: true,
  numaLocalDevices: true,
  devices: ['fronthaul', 'midhaul'],
  strategies: ['vfio-live'],
  windowStrategies: ['failover', 'hotplug', 'cold'],
  maxDowntimeMs: 100,
  migrationWeight: 20,
};

/** Forwards the packets of users: near its device, and never without a network during a move. */
const USER_PLANE: RoleSpec = {
  ...ORDINARY,
  numaPinned: true,
  numaLocalDevices: true,
  strategies: ['vfio-live', 'failover'],
  maxDowntimeMs: 300,
  migrationWeight: 10,
};

/** Signalling: any strategy will do, because replicas on other hosts go on meanwhile. */
const CONTROL_PLANE: RoleSpec = { ...ORDINARY, migrationWeight: 3, replicasApart: 'host' };

/** The 5G roles. PFCP is a protocol, and is accepted as a label for what speaks it; a CU in one piece is as careful as its user plane. */
export const builtInRoles: ReadonlyMap<string, RoleSpec> = new Map([
  ['DU', DISTRIBUTED_UNIT],
  ['CU', USER_PLANE],
  ['CU-UP', USER_PLANE],
  ['UPF', USER_PLANE],
  ...['CU-CP', 'AMF', 'SMF', 'PCF', 'AUSF', 'NRF', 'NSSF', 'NEF', 'UDM', 'UDR', 'AF', 'PFCP'].map(
    (role) => [role, CONTROL_PLANE] as const,
  ),
]);

/** One name for each role: the AMF is also written AMMF. */
export function roleName(written: string): string {
  return written === 'AMMF' ? 'AMF' : written;
}

/** What holds for a machine without a role. */
export const noRole: RoleSpec = ORDINARY;
