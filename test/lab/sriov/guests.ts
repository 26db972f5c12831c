import { busyboxGuest, guestMac } from '../guest/machine.js';
import { guestFiles } from './host.js';

/** A guest of a nested host that owns a virtual function. */
export interface OwnerOptions {
  readonly name: string;
  /** Chooses the addresses, see `guestAddress` and `guestMac`. */
  readonly number: number;
  /** The function on the host, such as `0000:01:10.0`. */
  readonly function: string;
  /** A paravirtual card with the same MAC address stands by while the function is away. */
  readonly standby?: boolean;
  readonly dirtyMiB?: number;
}

/** Name of the claim by which Berth knows the function. */
export const CLAIM = 'net';
/** Where the guest sees it. */
export const PLACE = '0000:05:00.0';

/** XML of the guest. It has one MAC address, whichever card it uses. */
export function ownerGuest(options: OwnerOptions): string {
  const { name, number, standby = false, dirtyMiB = 0 } = options;
  return busyboxGuest(guestFiles, {
    ...{ name, number, dirtyMiB, memoryMiB: 128 + dirtyMiB, sparePorts: 6 },
    ...{ kvm: true, onlyDevices: !standby, persistentTeam: standby },
    devices: virtualFunction({ device: options.function, mac: guestMac(number), standby }),
  });
}

/** The element of a function in the XML of a guest, which libvirt takes from the host's driver and gives back to it. */
export function virtualFunction(card: {
  readonly device: string;
  readonly mac: string;
  readonly standby?: boolean;
}): string {
  const team = card.standby === true ? `<teaming type='transient' persistent='ua-backup'/>` : '';
  return `<interface type='hostdev' managed='yes'><mac address='${card.mac}'/><source>${address(card.device)}</source>${team}<alias name='ua-${CLAIM}'/>${address(PLACE)}</interface>`;
}

function address(bdf: string): string {
  const [domain = '', bus = '', rest = ''] = bdf.split(':');
  const [slot = '', fn = ''] = rest.split('.');
  return `<address type='pci' domain='0x${domain}' bus='0x${bus}' slot='0x${slot}' function='0x${fn}'/>`;
}
