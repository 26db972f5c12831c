import type { Bdf, PciDevice, PciFunction, VfAttributes } from '../../../model/index.js';
import { IDLE_VF } from '../../../model/index.js';
import type { Note } from './finding.js';
import type { NetNodeDevice, NodeDevice, PciNodeDevice } from './node-device.js';

/** What is known of a host's devices besides libvirt's list of them. */
export interface DeviceFacts {
  /** Attributes of VFs as a reader on the host sees them; a VF that is not in it has those of an idle one. */
  readonly vfAttributes: ReadonlyMap<Bdf, VfAttributes>;
  /** Devices whose state can cross in a live migration. */
  readonly liveMigratable: (device: PciNodeDevice) => boolean;
  /** The host's only cell, which is then that of a device that names none; null when it has several. */
  readonly onlyCell: number | null;
}

/** The PCIe functions of a host, without bridges and without what no guest can be given, in the order of their addresses. */
export function pciDevices(devices: readonly NodeDevice[], facts: DeviceFacts, note: Note): readonly PciDevice[] {
  const nets = new Map<string, NetNodeDevice>();
  for (const one of devices) if (one.kind === 'net' && !nets.has(one.parent)) nets.set(one.parent, one);
  const all = devices.filter((one): one is PciNodeDevice => one.kind === 'pci');
  const byBdf = new Map(all.map((one) => [one.bdf, one]));
  const found = all
    .filter((one) => !isBridge(one))
    .map((one) => ({ one, is: functionOf(one, nets.get(one.name), byBdf, facts) }));
  const apart = found.filter(({ one, is }) => one.iommuGroup === null && is.kind !== 'pf');
  noteUngrouped(apart.map(({ one }) => one.bdf).sort(), note);
  return found
    .filter((each) => !apart.includes(each))
    .map(({ one, is }) => described(one, is, facts))
    .sort((left, right) => (left.bdf < right.bdf ? -1 : 1));
}

function noteUngrouped(bdfs: readonly Bdf[], note: Note): void {
  const [first] = bdfs;
  if (first === undefined) return;
  const message =
    bdfs.length === 1
      ? 'the device is in no IOMMU group, so that no guest can be given it'
      : `this and ${bdfs.length - 1} more devices are in no IOMMU group, so that no guest can be given them`;
  note({ code: 'NoIommuGroup', subject: first, message });
}

function described(one: PciNodeDevice, is: PciFunction, facts: DeviceFacts): PciDevice {
  return {
    bdf: one.bdf,
    vendor: one.vendor,
    device: one.device,
    category: categoryOf(one.class),
    driver: one.driver,
    iommuGroup: one.iommuGroup ?? 0,
    numaNode: one.numaNode ?? facts.onlyCell ?? UNKNOWN_CELL,
    liveMigratable: facts.liveMigratable(one),
    function: is,
  };
}

/** No cell has this number, so that a claim that asks for its own cell is never given the device. */
const UNKNOWN_CELL = -1;

/**
 * A port of a NIC is what has VFs or a network device: it serves the host and is never handed out. A NIC that no driver of the host
 * uses, and everything else, can be handed out whole.
 */
function functionOf(
  one: PciNodeDevice,
  net: NetNodeDevice | undefined,
  all: ReadonlyMap<Bdf, PciNodeDevice>,
  facts: DeviceFacts,
): PciFunction {
  if (one.parent !== null) {
    const index = all.get(one.parent)?.functions.indexOf(one.bdf) ?? -1;
    return {
      kind: 'vf',
      parent: one.parent,
      index: Math.max(0, index),
      attributes: facts.vfAttributes.get(one.bdf) ?? IDLE_VF,
    };
  }
  if (one.functions.length === 0 && net === undefined) return { kind: 'whole' };
  return {
    kind: 'pf',
    netdev: net?.netdev ?? '',
    speedMbps: net?.speedMbps ?? 0,
    totalVfs: one.totalVfs ?? 0,
    mode: net?.switchdev === true ? 'switchdev' : 'legacy',
    linkState: net?.link ?? 'down',
  };
}

function isBridge(one: PciNodeDevice): boolean {
  return one.bridge || one.class.startsWith('06');
}

/** By the class codes of the PCI specification: base class, then subclass. */
function categoryOf(code: string): PciDevice['category'] {
  if (code.startsWith('0108')) return 'nvme';
  switch (code.slice(0, 2)) {
    case '02':
      return 'network';
    case '03':
      return 'gpu';
    case '0b':
    case '12':
      return 'accelerator';
    default:
      return 'other';
  }
}
