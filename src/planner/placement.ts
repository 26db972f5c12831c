import type { Bdf, Machine } from '../model/index.js';
import type { HostView, MachineView } from './view.js';
import type { Demand } from './resources.js';

/** Where a machine is or shall be: host, cell and devices. */
export interface Placement {
  readonly host: string;
  /** Cell that the machine is pinned to; null when it floats. */
  readonly cell: number | null;
  readonly devices: readonly PlacedDevice[];
}

export interface PlacedDevice {
  readonly claim: string;
  readonly device: Bdf;
  /** `device` and the rest of its IOMMU group, but for those that other claims of the machine name. */
  readonly group: readonly Bdf[];
}

/** Where a copy of a machine is. */
export function placementOf(copy: Machine, host: HostView | null): Placement {
  return {
    host: copy.host,
    cell: copy.numaNode,
    devices: withGroups(
      copy.assignments.map(({ claim, device }) => ({ claim, device })),
      host,
    ),
  };
}

/** Adds to each device what has to come with it: the rest of its IOMMU group goes to the first claim in the group. */
export function withGroups(
  devices: readonly { readonly claim: string; readonly device: Bdf }[],
  host: HostView | null,
): readonly PlacedDevice[] {
  const taken = new Set(devices.map(({ device }) => device));
  return devices.map(({ claim, device }) => {
    const rest = groupOf(device, host).filter((member) => !taken.has(member));
    for (const member of rest) taken.add(member);
    return { claim, device, group: [device, ...rest] };
  });
}

/** The functions of the device's IOMMU group, itself included. */
export function groupOf(device: Bdf, host: HostView | null): readonly Bdf[] {
  const found = host?.devices.get(device);
  return (found && host?.iommuGroups.get(found.iommuGroup)) ?? [device];
}

/** What the machine takes of a host that it comes to: of what runs and what is written the larger. */
export function demandOf(machine: MachineView): Demand {
  const { desired, running } = machine;
  return {
    vcpus: Math.max(desired.vcpus, running?.vcpus ?? 0),
    memoryMiB: Math.max(desired.memoryMiB, running?.memoryMiB ?? 0),
    hugepageSizeKiB: running?.hugepageSizeKiB ?? desired.hugepageSizeKiB,
    isolatedCpus: desired.isolatedCpus,
  };
}

/** What a copy takes of its host now. */
export function demandOfCopy(copy: Machine, machine: MachineView | undefined): Demand {
  const { vcpus, memoryMiB, hugepageSizeKiB } = copy;
  return { vcpus, memoryMiB, hugepageSizeKiB, isolatedCpus: machine?.desired.isolatedCpus ?? false };
}
