import { isActive, type AttachedDevice, type Bdf, type Machine, type PciDevice } from '../../model/index.js';
import { Refused } from './errors.js';
import type { HostObservation, ObservedDomain } from './inventory/index.js';

/**
 * What is asked of a host before it is told to do something. libvirt refuses most of this by itself, but in words that differ from version to
 * version, and partly only after it has begun.
 */

/** The function of a host that `owner` may open. Throws {@link Refused} when it is missing, or held by somebody else. */
export function openable(seen: HostObservation, bdf: Bdf, owner: string): PciDevice {
  const host = seen.host.name;
  const device = seen.host.devices.find((one) => one.bdf === bdf);
  if (device === undefined) throw new Refused('DeviceMissing', `host ${host} has no device ${bdf}`);
  if (device.function.kind === 'pf' && seen.host.devices.some((one) => isVfOf(one, bdf)))
    throw new Refused('DeviceInUse', `${bdf} is the port ${device.function.netdev}, which host ${host} uses itself`);
  const holder = seen.holders.get(bdf);
  if (holder !== undefined && holder !== owner)
    throw new Refused('DeviceInUse', `device ${bdf} of host ${host} is in use by ${holder}`);
  for (const other of seen.host.devices) {
    const user = seen.holders.get(other.bdf);
    if (other.iommuGroup !== device.iommuGroup || user === undefined || user === owner) continue;
    const group = `IOMMU group ${device.iommuGroup}`;
    throw new Refused(
      'DeviceGroupShared',
      `device ${bdf} of host ${host} shares ${group} with ${other.bdf}, in use by ${user}`,
    );
  }
  return device;
}

function isVfOf({ function: is }: PciDevice, parent: Bdf): boolean {
  return is.kind === 'vf' && is.parent === parent;
}

/** Throws {@link Refused} when another machine of the host has an address that these devices bring along. */
export function ownAddresses(seen: HostObservation, devices: readonly AttachedDevice[], machine: string): void {
  for (const { mac } of devices) {
    const other = seen.machines.find(
      (one) => one.name !== machine && isActive(one) && one.assignments.some((held) => held.mac === mac),
    );
    if (mac !== null && other !== undefined)
      throw new Refused('MacInUse', `${mac} is the address of ${other.name} on host ${seen.host.name}`);
  }
}

/** Throws {@link Refused} when the host never had so much memory, or has given it away. */
export function roomFor(seen: HostObservation, machine: string, memoryMiB: number): void {
  const whole = seen.host.numaNodes.reduce((sum, node) => sum + node.memoryMiB, 0);
  const taken = seen.machines
    .filter((one) => one.name !== machine && one.state !== 'stopped')
    .reduce((sum, one) => sum + one.memoryMiB, 0);
  if (memoryMiB + taken > whole)
    throw new Refused(
      'InsufficientResources',
      `host ${seen.host.name} has ${whole} MiB, its machines have ${taken} MiB, and ${machine} wants ${memoryMiB} MiB`,
    );
}

/** A machine that runs or is paused on the host, and does not migrate. */
export interface ActiveMachine extends ObservedDomain {
  readonly machine: Machine;
}

/** Throws {@link Refused} for a machine that does not run there, or is on its way. */
export function settledMachine(seen: HostObservation, name: string): ActiveMachine {
  const machine = seen.machines.find((one) => one.name === name);
  const observed = seen.domains.get(name);
  if (machine === undefined || observed === undefined || !isActive(machine))
    throw new Refused('MachineMissing', `${name} does not run on host ${seen.host.name}`);
  if (machine.job !== null) throw new Refused('MachineBusy', `${name} is migrating`);
  return { ...observed, machine };
}
