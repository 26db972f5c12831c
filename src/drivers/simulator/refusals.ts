import {
  deviceKey,
  type Assignment,
  type Bdf,
  type DeviceRef,
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
  devices: readonly Assignment[],
  machine: string,
  from: string | null = null,
): Refusal | null {
  for (const { device, mac } of devices) {
    const refusal =
      deviceRefusal(state, host, device, machine) ??
      (mac === null
        ? null
        : carriedRefusal(state, { host, device }, mac, from === null ? null : { host: from, machine }));
    if (refusal !== null) return refusal;
  }
  return null;
}

/** Why an address cannot come to a VF: a guest speaks with it through another one. The exempt copy is about to lose it. */
export function carriedRefusal(
  state: ClusterState,
  vf: DeviceRef,
  mac: Mac,
  exempt: { readonly host: string; readonly machine: string } | null,
): Refusal | null {
  for (const machine of state.machines) {
    if (machine.state === 'stopped' || (machine.name === exempt?.machine && machine.host === exempt.host)) continue;
    const held = machine.assignments.find((assignment) => assignment.mac === mac);
    if (held === undefined || (machine.host === vf.host && held.device === vf.device)) continue;
    return refuse('MacInUse', `address ${mac} is on ${held.device} of host ${machine.host}, which ${machine.name} has`);
  }
  const dummy = state.dummies.find(
    (other) => other.mac === mac && !(other.host === vf.host && other.devices.includes(vf.device)),
  );
  return dummy === undefined ? null : refuse('MacInUse', `address ${mac} is that of ${dummy.name} on ${dummy.host}`);
}

/**
 * Why a VF cannot be given an address in advance: it is on another VF that is not its machine's. The VF that the machine
 * still speaks through, and others that were prepared for it, are no conflict.
 */
export function preparedRefusal(state: ClusterState, vf: DeviceRef, mac: Mac, machine: string): Refusal | null {
  for (const host of state.hosts) {
    for (const { bdf, function: what } of host.devices) {
      if (what.kind !== 'vf' || what.attributes.adminMac !== mac) continue;
      const key = deviceKey({ host: host.name, device: bdf });
      if (key === deviceKey(vf) || state.preparedFor[key] === machine) continue;
      if (ownerOf(state, host.name, bdf) === machine) continue;
      return refuse('MacInUse', `address ${mac} is on VF ${bdf} of host ${host.name}`);
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
