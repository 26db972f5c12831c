import { ASSIGNMENT_DRIVER } from '../../../model/index.js';
import type { AttachedDevice, Bdf, Mac, PciDevice } from '../../../model/index.js';
import type { HeldDevice, HostViewOptions } from '../inventory/index.js';
import { addressAttributes, USER_ALIAS, pciDevices, vfioDevices } from '../inventory/index.js';
import type { LibvirtCalls } from '../rpc/index.js';
import { edit, element, put, without, withAttribute, type XmlElement } from '../xml/index.js';

/** A device of a host as a machine or a dummy is to get it. */
export interface PluggedDevice {
  readonly claim: string;
  readonly device: PciDevice;
  /** Empty: libvirt chooses. */
  readonly guestAddress: string;
  readonly mac: Mac | null;
  readonly vlan: number | null;
  /** True: libvirt takes the device from the host's driver and gives it back. */
  readonly managed: boolean;
}

/** The device that an element is pointed at, and the tag of its frames; null: what the element says of VLANs stays. */
export type Redirection = Pick<AttachedDevice, 'device' | 'vlan'>;

/** How devices of a host stand in the XML of domains: passed through by VFIO, unless a lab has stand-ins. */
export interface DeviceBacking {
  /** Devices in the XML of a domain. */
  readonly held: NonNullable<HostViewOptions['heldDevices']>;
  /** Functions of a host. */
  readonly functions: NonNullable<HostViewOptions['hostDevices']>;
  readonly element: (plugged: PluggedDevice) => XmlElement;
  /** An element that a domain has, pointed at another device. */
  readonly redirect: (held: HeldDevice, to: Redirection) => XmlElement;
  /** Makes a device ready to be held by a domain that does not manage it. */
  readonly prepare: (calls: LibvirtCalls, device: PciDevice) => Promise<void>;
}

/** Devices of the host's PCI bus, passed through by VFIO. */
export const vfio: DeviceBacking = {
  held: vfioDevices,
  functions: pciDevices,
  element: ({ claim, device, guestAddress, mac, vlan, managed }) => {
    const isNic = device.function.kind === 'vf' && mac !== null;
    const address = element('address', { type: 'pci', ...addressOf(device.bdf) });
    const parts = [
      ...(isNic ? [element('mac', { address: mac })] : []),
      element('driver', { name: 'vfio' }),
      element('source', {}, [address]),
      ...(isNic && vlan !== null ? [vlanOf(vlan)] : []),
      ...placeOf(guestAddress),
      element('alias', { name: `${USER_ALIAS}${claim}` }),
    ];
    const how = { managed: managed ? 'yes' : 'no' };
    return isNic
      ? element('interface', { type: 'hostdev', ...how }, parts)
      : element('hostdev', { mode: 'subsystem', type: 'pci', ...how }, parts);
  },
  redirect: ({ element: held }, { device, vlan }) => {
    const address = element('address', { type: 'pci', ...addressOf(device) });
    const isPool = held.name === 'interface' && held.attributes.get('type') === 'network';
    // A pool would choose a device by itself.
    const taken = isPool ? without(withAttribute(held, 'type', 'hostdev'), 'actual') : held;
    const own = held.name === 'interface' && vlan !== null ? put(taken, vlanOf(vlan)) : taken;
    const there = own.children.some((one) => one.kind === 'element' && one.name === 'source');
    if (!there || isPool) return put(own, element('source', {}, [address]));
    return edit(own, ['source'], (source) => put(source, address));
  },
  prepare: async (calls, { bdf, driver }) => {
    if (driver !== ASSIGNMENT_DRIVER) await calls.detachNodeDevice(nodeName(bdf), 'vfio');
  },
};

/** libvirt writes the tag of a VF when a domain gets it: without this element it takes away the one that was set before. */
function vlanOf(tag: number): XmlElement {
  return element('vlan', {}, [element('tag', { id: tag })]);
}

/** Where a device shall be in the guest. */
export function placeOf(guestAddress: string): readonly XmlElement[] {
  return guestAddress === '' ? [] : [element('address', { type: 'pci', ...addressOf(guestAddress) })];
}

/** Name of a PCI function among libvirt's node devices. */
export function nodeName(bdf: Bdf): string {
  return `pci_${bdf.replace(/[:.]/g, '_')}`;
}

function addressOf(bdf: Bdf): Readonly<Record<string, string>> {
  const attributes = addressAttributes(bdf);
  if (attributes === null) throw new RangeError(`${JSON.stringify(bdf)} is no PCI address`);
  return attributes;
}
