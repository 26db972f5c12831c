import {
  deviceKey,
  type AttachedDevice,
  type Bdf,
  type FailureCode,
  type Mac,
  type NumaNode,
  type Outcome,
} from '../../model/index.js';
import { deviceOn, hostOf, ownerOf, type ClusterState, type SimulatedMachine } from './state.js';

/** What hardware and hypervisor would say no to. */
export type Refusal = Extract<Outcome, { readonly kind: 'failed' }>;

/** A refusal with the rule that was hit. */
export function refuse(code: FailureCode, message: string): Refusal {
  return { kind: 'failed', code, message };
}

/** Why `owner` cannot open a device of a host; null when it can. */
export function deviceRefusal(state: ClusterState, host: string, bdf: Bdf, owner: string): Refusal | null {
  const device = deviceOn(state, host, bdf);
  if (device === undefined) return refuse('DeviceMissing', `host ${host} has no device ${bdf}`);
  if (device.function.kind === 'pf') {
    return refuse('DeviceInUse', `${bdf} is the port ${device.function.netdev}, which host ${host} uses itself`);
  }
  const holder = ownerOf(state, host, bdf);
  if (holder !== null && holder !== owner) {
    return refuse('DeviceInUse', `device ${bdf} of host ${host} is in use by ${holder}`);
  }
  const group = hostOf(state, host)?.devices.filter((other) => other.iommuGroup === device.iommuGroup) ?? [];
  for (const other of group) {
    const user = other.function.kind === 'pf' ? `host ${host}` : ownerOf(state, host, other.bdf);
    if (user !== null && user !== owner) {
      return refuse(
        'DeviceGroupShared',
        `device ${bdf} of host ${host} shares IOMMU group ${device.iommuGroup} with ${other.bdf}, in use by ${user}`,
      );
    }
  }
  return null;
}

/** The first reason why a machine cannot have these devices on a host; `from` is the host that it brings its addresses from. */
export function devicesRefusal(
  state: ClusterState,
  host: string,
  devices: readonly AttachedDevice[],
  machine: string,
  from: string | null = null,
): Refusal | null {
  for (const { device, mac } of devices) {
    const exempt = from === null ? null : { host: from, machine };
    const refusal = deviceRefusal(state, host, device, machine) ?? macRefusal(state, host, device, mac, exempt);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** Why a VF cannot carry an address: another VF of any host has it. VFs of an exempt machine lose theirs when the move ends. */
export function macRefusal(
  state: ClusterState,
  host: string,
  bdf: Bdf,
  mac: Mac | null,
  exempt: { readonly host: string; readonly machine: string } | null = null,
): Refusal | null {
  if (mac === null) return null;
  for (const entry of state.hosts) {
    for (const other of entry.devices) {
      if (other.function.kind !== 'vf' || other.function.attributes.adminMac !== mac) continue;
      if (entry.name === host && other.bdf === bdf) continue;
      if (entry.name === exempt?.host && ownerOf(state, entry.name, other.bdf) === exempt.machine) continue;
      return refuse('MacInUse', `address ${mac} is on VF ${other.bdf} of host ${entry.name}`);
    }
  }
  return null;
}

/** Refuses an order that was given under an older epoch of the device's reservation than one seen before, else notes the epoch. */
export function epochRefusal(
  state: ClusterState,
  host: string,
  devices: readonly Bdf[],
  epoch: number | null,
): Refusal | null {
  if (epoch === null) return null;
  for (const device of devices) {
    const key = deviceKey({ host, device });
    const newest = state.epochs[key] ?? 0;
    if (epoch < newest) return refuse('StaleEpoch', `order for ${key} has epoch ${epoch}, epoch ${newest} was seen`);
    state.epochs = { ...state.epochs, [key]: epoch };
  }
  return null;
}

/** Why a host has no room for one more copy of a machine: memory, hugepages and CPUs, of its cell when it is pinned to one. */
export function capacityRefusal(state: ClusterState, host: string, machine: SimulatedMachine): Refusal | null {
  const cells = hostOf(state, host)?.numaNodes ?? [];
  const there = state.machines.filter(
    (other) => other.host === host && other.name !== machine.name && other.state !== 'stopped',
  );
  const all = [...there, machine];
  const { numaNode } = machine;
  if (numaNode !== null && !cells.some((cell) => cell.id === numaNode)) {
    return refuse('InsufficientResources', `host ${host} has no NUMA node ${numaNode}`);
  }
  for (const id of numaNode === null ? [null] : [numaNode, null]) {
    const scope = cells.filter((cell) => id === null || cell.id === id);
    const users = all.filter((user) => id === null || user.numaNode === id);
    const where = id === null ? `host ${host}` : `NUMA node ${id} of host ${host}`;
    for (const [what, need, have] of balances(scope, users, machine)) {
      if (need > have) return refuse('InsufficientResources', `${where} has ${have} ${what}, ${need} would be needed`);
    }
  }
  return null;
}

function balances(
  cells: readonly NumaNode[],
  users: readonly SimulatedMachine[],
  machine: SimulatedMachine,
): readonly (readonly [what: string, need: number, have: number])[] {
  const size = machine.hugepageSizeKiB;
  const pages = (sizeKiB: number): number =>
    sum(cells, (cell) => sum(cell.hugepages, (pool) => (pool.sizeKiB === sizeKiB ? pool.total : 0)));
  const hugeMiB = sum(cells, (cell) => sum(cell.hugepages, (pool) => (pool.total * pool.sizeKiB) / 1024));
  const alike = users.filter((user) => user.hugepageSizeKiB === size);
  const memory: readonly [string, number, number] =
    size === 0
      ? ['MiB of memory', sum(alike, (user) => user.memoryMiB), sum(cells, (cell) => cell.memoryMiB) - hugeMiB]
      : [`hugepages of ${size} KiB`, sum(alike, (user) => Math.ceil((user.memoryMiB * 1024) / size)), pages(size)];
  const isolated = users.filter((user) => user.isolatedCpus);
  return [
    memory,
    ['CPUs', sum(users, (user) => user.vcpus), sum(cells, (cell) => cell.cpus)],
    ['isolated CPUs', sum(isolated, (user) => user.vcpus), sum(cells, (cell) => cell.isolatedCpus)],
  ];
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
