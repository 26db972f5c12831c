import {
  deviceKey,
  type AttachedDevice,
  type Bdf,
  type Dummy,
  type Forward,
  type Host,
  type Mac,
  type Machine,
  type PciDevice,
  type SwitchPort,
  type VfAttributes,
} from '../../model/index.js';
import type { Copying } from './precopy.js';
import type { MachineLoad } from './load.js';

/** Everything about a simulated cluster that can change; plain data, so that it can be written to a file. */
export interface ClusterState {
  /** Virtual time that the cluster has reached, epoch milliseconds. */
  at: number;
  hosts: readonly Host[];
  machines: readonly SimulatedMachine[];
  dummies: readonly Dummy[];
  migrations: readonly Migration[];
  ports: readonly SwitchPort[];
  forwards: readonly Forward[];
  /** `host/bdf` → the newest reservation epoch under which something was ordered there. */
  epochs: Readonly<Record<string, number>>;
  /** `host/bdf` of a VF → the machine that its attributes were set for. */
  preparedFor: Readonly<Record<string, string>>;
  /** Where each machine has been active since when: host load in the past follows it. */
  presence: readonly Presence[];
  loadChanges: readonly { readonly machine: string; readonly since: number; readonly load: MachineLoad }[];
  /** So many announcements are still going to be lost. */
  announcementsToLose: number;
  migrationsBegun: number;
}

export interface SimulatedMachine extends Machine {
  readonly isolatedCpus: boolean;
  /** False: the guest ignores requests to unplug a device. */
  readonly answersUnplug: boolean;
}

/** A migration that runs; with or without a controller that watches it. */
export interface Migration {
  readonly id: number;
  readonly machine: string;
  readonly from: string;
  readonly to: string;
  readonly devices: readonly AttachedDevice[];
  readonly bandwidthMibps: number;
  readonly startedAt: number;
  /** Memory, and disks that are not shared. */
  readonly firstRoundMiB: number;
  readonly copy: Copying;
}

export interface Presence {
  readonly machine: string;
  readonly host: string;
  readonly from: number;
  /** Null: it is still there. */
  readonly to: number | null;
}

/** The host of that name; asking for one that was never there is a bug of the caller, who checks first. */
export function hostOf(state: ClusterState, name: string): Host | undefined {
  return state.hosts.find((host) => host.name === name);
}

/** The copy of a machine on a host. */
export function machineOn(state: ClusterState, host: string, name: string): SimulatedMachine | undefined {
  return state.machines.find((machine) => machine.host === host && machine.name === name);
}

/** Puts a copy in the place of the one with the same host and name, or adds it. */
export function putMachine(state: ClusterState, machine: SimulatedMachine): void {
  const others = state.machines.filter((other) => other.host !== machine.host || other.name !== machine.name);
  state.machines = [...others, machine];
}

/** Removes the copy of a machine on a host, if it is there. */
export function dropMachine(state: ClusterState, host: string, name: string): void {
  state.machines = state.machines.filter((other) => other.host !== host || other.name !== name);
}

/** The migration that takes a machine away from a host. */
export function migrationFrom(state: ClusterState, host: string, machine: string): Migration | undefined {
  return state.migrations.find((migration) => migration.from === host && migration.machine === machine);
}

export function deviceOn(state: ClusterState, host: string, bdf: Bdf): PciDevice | undefined {
  return hostOf(state, host)?.devices.find((device) => device.bdf === bdf);
}

/** Changes attributes of a VF; other kinds of function have none and stay as they are. */
export function setVf(state: ClusterState, host: string, bdf: Bdf, change: Partial<VfAttributes>): void {
  const changed = (device: PciDevice): PciDevice =>
    device.bdf === bdf && device.function.kind === 'vf'
      ? { ...device, function: { ...device.function, attributes: { ...device.function.attributes, ...change } } }
      : device;
  state.hosts = state.hosts.map((entry) =>
    entry.name === host ? { ...entry, devices: entry.devices.map(changed) } : entry,
  );
}

/** Who has a device open: the name of a machine or a dummy. A stopped machine's definition is no claim. */
export function ownerOf(state: ClusterState, host: string, bdf: Bdf): string | null {
  const dummy = state.dummies.find((entry) => entry.host === host && entry.devices.includes(bdf));
  if (dummy !== undefined) return dummy.name;
  const machine = state.machines.find(
    (entry) =>
      entry.host === host &&
      entry.state !== 'stopped' &&
      entry.assignments.some((assignment) => assignment.device === bdf),
  );
  return machine?.name ?? null;
}

/**
 * A device's owner leaves, and takes along what came with it: its VLAN, also when that was set since, and its address; an address that was set for
 * somebody else stays.
 */
export function freeDevice(state: ClusterState, host: string, bdf: Bdf, broughtMac: Mac | null): void {
  if (broughtMac !== null) setVf(state, host, bdf, { vlan: null });
  const device = deviceOn(state, host, bdf);
  if (device?.function.kind !== 'vf' || device.function.attributes.adminMac !== broughtMac) return;
  setVf(state, host, bdf, { adminMac: null });
  forgetPreparation(state, host, bdf);
}

/** The VF is nobody's any more. */
export function forgetPreparation(state: ClusterState, host: string, device: Bdf): void {
  const key = deviceKey({ host, device });
  state.preparedFor = Object.fromEntries(Object.entries(state.preparedFor).filter(([other]) => other !== key));
}
