import { done, isActive, type Assignment, type HypervisorAction, type Outcome } from '../../model/index.js';
import { assigned, carrySettings } from './machines.js';
import { startCopy } from './precopy.js';
import { capacityRefusal, devicesRefusal, refuse, type Refusal } from './refusals.js';
import {
  deviceOn,
  dropMachine,
  freeDevice,
  machineOn,
  migrationFrom,
  putMachine,
  type ClusterState,
  type Migration,
  type SimulatedMachine,
} from './state.js';

type Migrate = Extract<HypervisorAction, { readonly kind: 'migrate' }>;

/** What a begun migration answers at once: the number of a migration that now runs, or an outcome. */
export type Begun = { readonly kind: 'begun'; readonly id: number } | Outcome;

/** Prepares the target and begins to copy. From here on the replacement devices are the machine's. */
export function beginMigration(
  state: ClusterState,
  action: Migrate,
  times: { readonly setupMs: number; readonly switchoverMs: number },
): Begun {
  const { machine: name, from, to } = action;
  const source = machineOn(state, from, name);
  const target = machineOn(state, to, name);
  if ((source === undefined || source.state === 'stopped') && target !== undefined && isActive(target)) {
    return done('the machine has arrived already');
  }
  if (source === undefined || !isActive(source))
    return refuse('MachineMissing', `${name} does not run on host ${from}`);
  if (migrationFrom(state, from, name) !== undefined) return refuse('MachineBusy', `${name} is migrating`);
  if (target !== undefined && target.state !== 'stopped') {
    return refuse('MachineExists', `host ${to} has a ${target.state} machine ${name}`);
  }
  const incoming: SimulatedMachine = {
    ...source,
    host: to,
    state: 'incoming',
    numaNode: action.numaNode,
    assignments: action.devices.map(assigned),
    staged: [],
  };
  const refusal =
    strategyRefusal(state, action, source) ??
    devicesRefusal(state, to, action.devices, name, from) ??
    capacityRefusal(state, to, incoming);
  if (refusal !== null) return refusal;
  const migration: Migration = {
    id: ++state.migrationsBegun,
    machine: name,
    from,
    to,
    devices: action.devices,
    bandwidthMibps: action.bandwidthMibps,
    startedAt: state.at,
    firstRoundMiB: source.memoryMiB + (source.sharedDisks ? 0 : source.diskGiB * 1024),
    copy: startCopy(
      {
        memoryMiB: source.memoryMiB,
        dirtyMibps: source.dirtyMibps,
        maxDowntimeMs: action.maxDowntimeMs,
        switchoverMs: times.switchoverMs,
      },
      times.setupMs,
    ),
  };
  putMachine(state, incoming);
  state.migrations = [...state.migrations, migration];
  return { kind: 'begun', id: migration.id };
}

/** The machine runs on the target, the source forgets it and its devices there are free. */
export function finishMigration(state: ClusterState, migration: Migration): void {
  const { machine: name, from, to } = migration;
  const source = machineOn(state, from, name);
  const target = machineOn(state, to, name);
  state.migrations = state.migrations.filter((other) => other.id !== migration.id);
  if (source === undefined || target === undefined)
    throw new Error(`migration ${migration.id} lost its machine ${name}`);
  for (const { device, mac } of source.assignments) freeDevice(state, from, device, mac);
  dropMachine(state, from, name);
  putMachine(state, { ...target, state: 'running' });
  carrySettings(state, to, migration.devices);
}

/** The machine stays on the source; the target forgets it. */
export function failMigration(state: ClusterState, migration: Migration): void {
  state.migrations = state.migrations.filter((other) => other.id !== migration.id);
  dropMachine(state, migration.to, migration.machine);
  const source = machineOn(state, migration.from, migration.machine);
  if (source?.state === 'paused') putMachine(state, { ...source, state: 'running' });
}

function strategyRefusal(state: ClusterState, action: Migrate, source: SimulatedMachine): Refusal | null {
  const { name, assignments } = source;
  if (action.strategy === 'hotplug') {
    if (assignments.length > 0) {
      return refuse(
        'PreconditionFailed',
        `${name} still has devices: ${assignments.map((held) => held.device).join(', ')}`,
      );
    }
    return action.devices.length === 0 ? null : refuse('PreconditionFailed', 'hotplug carries no devices');
  }
  if (action.devices.length !== assignments.length) {
    return refuse(
      'PreconditionFailed',
      `target host device count ${action.devices.length} does not match source ${assignments.length}`,
    );
  }
  for (const held of assignments) {
    const next = action.devices.find((device) => device.claim === held.claim);
    const refusal =
      guestViewRefusal(held, next) ?? carryRefusal(state, action, source, held.device, next?.device ?? '');
    if (refusal !== null) return refusal;
  }
  return null;
}

function guestViewRefusal(held: Assignment, next: Assignment | undefined): Refusal | null {
  if (next === undefined) return refuse('PreconditionFailed', `there is no replacement for claim ${held.claim}`);
  if (next.guestAddress !== held.guestAddress || next.mac !== held.mac) {
    return refuse('Conflict', `claim ${held.claim} would change its guest address or MAC in flight`);
  }
  return null;
}

function carryRefusal(
  state: ClusterState,
  action: Migrate,
  source: SimulatedMachine,
  held: string,
  next: string,
): Refusal | null {
  const ends = [
    [action.from, deviceOn(state, action.from, held)],
    [action.to, deviceOn(state, action.to, next)],
  ] as const;
  for (const [host, device] of ends) {
    if (device === undefined) continue;
    if (action.strategy === 'vfio-live' && !device.liveMigratable) {
      return refuse('NotSupported', `VFIO migration is not supported by device ${device.bdf} of host ${host}`);
    }
    if (action.strategy === 'failover' && device.function.kind !== 'vf') {
      return refuse('NotSupported', `device ${device.bdf} of host ${host} is no VF: nothing can stand in for it`);
    }
  }
  if (action.strategy === 'failover' && !source.standby) {
    return refuse('NotSupported', `${source.name} has no standby NIC to live on without its VF`);
  }
  return null;
}
