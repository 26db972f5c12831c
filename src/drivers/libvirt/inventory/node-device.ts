import type { Bdf, Mac } from '../../../model/index.js';
import type { XmlElement } from '../xml/index.js';
import { attr, child, children, text } from '../xml/index.js';
import { bdfOf, macOf, pciAddress } from './address.js';
import type { Note } from './finding.js';
import { wholeNumber } from './quantity.js';

/** A device of a host as libvirt lists it, as far as Berth asks. */
export type NodeDevice = PciNodeDevice | NetNodeDevice;

export interface PciNodeDevice {
  readonly kind: 'pci';
  readonly name: string;
  readonly bdf: Bdf;
  /** Six hexadecimal digits: class, subclass, interface. */
  readonly class: string;
  readonly vendor: string;
  readonly device: string;
  readonly driver: string | null;
  /** The PF of a VF. */
  readonly parent: Bdf | null;
  /** VFs of a PF by their index. */
  readonly functions: readonly Bdf[];
  /** VFs that it can have; null for what can have none. */
  readonly totalVfs: number | null;
  readonly iommuGroup: number | null;
  readonly numaNode: number | null;
  /** True when the kernel shows it as a bridge between buses. */
  readonly bridge: boolean;
}

export interface NetNodeDevice {
  readonly kind: 'net';
  readonly name: string;
  /** Name of the device that it belongs to. */
  readonly parent: string;
  readonly netdev: string;
  readonly mac: Mac | null;
  readonly link: 'up' | 'down';
  /** 0: not known. */
  readonly speedMbps: number;
  readonly switchdev: boolean;
}

/** Reads one device; null for kinds that Berth does not use, and for what cannot be read, which is noted. */
export function readNodeDevice(root: XmlElement, note: Note): NodeDevice | null {
  const name = text(child(root, 'name')) ?? '';
  const capable = (type: string): XmlElement | undefined =>
    children(root, 'capability').find((one) => attr(one, 'type') === type);
  const [pci, net] = [capable('pci'), capable('net')];
  if (pci !== undefined) return readPci(root, pci, name, note);
  return net === undefined ? null : readNet(root, net, name);
}

function readPci(root: XmlElement, pci: XmlElement, name: string, note: Note): PciNodeDevice | null {
  const part = (of: string): number | null => wholeNumber(text(child(pci, of)));
  const bdf = bdfOf({ domain: part('domain'), bus: part('bus'), slot: part('slot'), function: part('function') });
  if (bdf === null) {
    note({ code: 'AddressUnreadable', subject: name, message: 'the device has no PCI address' });
    return null;
  }
  const within = (type: string): XmlElement | null =>
    children(pci, 'capability').find((one) => attr(one, 'type') === type) ?? null;
  const functions = within('virt_functions');
  const vfs = functions === null ? [] : children(functions, 'address').flatMap((one) => pciAddress(one) ?? []);
  const physical = within('phys_function');
  const driver = child(root, 'driver');
  const most = wholeNumber(attr(functions, 'maxCount'));
  return {
    kind: 'pci',
    name,
    bdf,
    class: classOf(text(child(pci, 'class'))),
    vendor: idOf(attr(child(pci, 'vendor'), 'id')),
    device: idOf(attr(child(pci, 'product'), 'id')),
    driver: (driver && text(child(driver, 'name'))) || null,
    parent: physical && pciAddress(child(physical, 'address')),
    functions: vfs,
    totalVfs: functions === null ? null : Math.max(most ?? 0, vfs.length),
    iommuGroup: wholeNumber(attr(child(pci, 'iommuGroup'), 'number')),
    numaNode: wholeNumber(attr(child(pci, 'numa'), 'node')),
    bridge: within('pci-bridge') !== null || within('cardbus-bridge') !== null,
  };
}

/** Some drivers report all ones for a speed that they do not know. */
const UNKNOWN_SPEED = 0xffff_ffff;

function readNet(root: XmlElement, net: XmlElement, name: string): NetNodeDevice {
  const link = child(net, 'link');
  const speed = wholeNumber(attr(link, 'speed'));
  return {
    kind: 'net',
    name,
    parent: text(child(root, 'parent')) ?? '',
    netdev: text(child(net, 'interface')) ?? '',
    mac: macOf(text(child(net, 'address'))),
    link: attr(link, 'state') === 'up' ? 'up' : 'down',
    speedMbps: speed === null || speed >= UNKNOWN_SPEED ? 0 : speed,
    switchdev: children(net, 'feature').some((one) => attr(one, 'name') === 'switchdev'),
  };
}

function classOf(written: string | null): string {
  const code = wholeNumber(written) ?? 0;
  return (code & 0xff_ffff).toString(16).padStart(6, '0');
}

function idOf(written: string | null): string {
  const id = wholeNumber(written);
  return id === null || id > 0xffff ? '0000' : id.toString(16).padStart(4, '0');
}
