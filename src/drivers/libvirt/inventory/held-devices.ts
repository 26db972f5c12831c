import type { Assignment } from '../../../model/index.js';
import type { XmlElement } from '../xml/index.js';
import { attr, child, find, findAll } from '../xml/index.js';
import { macOf, pciAddress } from './address.js';
import type { Note } from './finding.js';
import { wholeNumber } from './quantity.js';

/** A host device in a domain's XML, with what Berth needs in order to take it out and put it in again. */
export interface HeldDevice extends Assignment {
  /** libvirt's name of it, under which it can be detached; empty in a definition that names none. */
  readonly alias: string;
  readonly vlan: number | null;
  /** Alias of the paravirtual NIC that stands in for it (`<teaming>`); null when none does. */
  readonly standby: string | null;
  /** True when libvirt itself takes the device from the host's driver and gives it back. */
  readonly managed: boolean;
  /** The element as it stands in the XML. */
  readonly element: XmlElement;
}

/** The prefix that libvirt asks for in the aliases of users. */
export const USER_ALIAS = 'ua-';

/**
 * Host PCI devices of a domain: `<hostdev>`, `<interface type='hostdev'>`, and interfaces of a network that hands out VFs, for which only a
 * running domain tells which one it got. NICs come first, as libvirt counts them when it makes up aliases.
 */
export function vfioDevices(domain: XmlElement, subject: string, note: Note): readonly HeldDevice[] {
  const nics = findAll(domain, 'devices', 'interface').filter(isHostdevNic);
  const others = findAll(domain, 'devices', 'hostdev').filter((one) => {
    const type = attr(one, 'type');
    if (type === 'pci') return true;
    note({
      code: 'DeviceNotMovable',
      subject,
      message: `its host device of type ${type ?? 'unknown'} is none that Berth can replace on another host`,
    });
    return false;
  });
  return [...nics, ...others].flatMap((one, index) => {
    const held = readDevice(one, index);
    if (held === null)
      note({ code: 'AddressUnreadable', subject, message: `its host device ${index} names no PCI address` });
    return held ?? [];
  });
}

function isHostdevNic(nic: XmlElement): boolean {
  const type = attr(nic, 'type');
  return type === 'hostdev' || (type === 'network' && sourceOf(nic) !== null);
}

function sourceOf(device: XmlElement): XmlElement | null {
  return find(device, 'source', 'address') ?? find(device, 'actual', 'source', 'address');
}

function readDevice(device: XmlElement, index: number): HeldDevice | null {
  const bdf = pciAddress(sourceOf(device));
  if (bdf === null) return null;
  const alias = attr(child(device, 'alias'), 'name') ?? '';
  const teaming = child(device, 'teaming');
  return {
    claim: alias === '' ? `hostdev${index}` : claimOf(alias),
    device: bdf,
    guestAddress: pciAddress(child(device, 'address')) ?? '',
    mac: macOf(attr(child(device, 'mac'), 'address')),
    alias,
    vlan: vlanOf(device),
    standby: attr(teaming, 'type') === 'transient' ? attr(teaming, 'persistent') : null,
    managed: attr(device, 'managed') === 'yes',
    element: device,
  };
}

/** The claim that a device of this alias fills. */
export function claimOf(alias: string): string {
  return alias.startsWith(USER_ALIAS) && alias.length > USER_ALIAS.length ? alias.slice(USER_ALIAS.length) : alias;
}

/** The tag of a port that carries one VLAN; a trunk has none. */
function vlanOf(device: XmlElement): number | null {
  const tags = findAll(device, 'vlan', 'tag');
  return tags.length === 1 ? wholeNumber(attr(tags[0] ?? null, 'id')) : null;
}
