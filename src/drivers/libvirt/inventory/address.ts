import type { Bdf, Mac } from '../../../model/index.js';
import type { XmlElement } from '../xml/index.js';
import { attr } from '../xml/index.js';
import { wholeNumber } from './quantity.js';

/** The PCI address in an element such as `<address domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/>`; null when there is none. */
export function pciAddress(address: XmlElement | null): Bdf | null {
  if (address === null) return null;
  const type = attr(address, 'type');
  if (type !== null && type !== 'pci') return null;
  const part = (name: string): number | null => wholeNumber(attr(address, name));
  return bdfOf({
    domain: attr(address, 'domain') === null ? 0 : part('domain'),
    bus: part('bus'),
    slot: part('slot'),
    function: part('function'),
  });
}

/** An address from its four numbers; null when one of them is missing or too great. */
export function bdfOf(parts: {
  readonly domain: number | null;
  readonly bus: number | null;
  readonly slot: number | null;
  readonly function: number | null;
}): Bdf | null {
  const { domain, bus, slot, function: fn } = parts;
  if (domain === null || bus === null || slot === null || fn === null) return null;
  if (domain > 0xffff_ffff || bus > 0xff || slot > 0x1f || fn > 7) return null;
  return `${hex(domain, 4)}:${hex(bus, 2)}:${hex(slot, 2)}.${fn}`;
}

/** The attributes of an `<address>` element for a PCI address; null for a text that is no such address. */
export function addressAttributes(bdf: Bdf): Readonly<Record<'domain' | 'bus' | 'slot' | 'function', string>> | null {
  const match = /^([0-9a-f]{4,8}):([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/.exec(bdf);
  const [, domain, bus, slot, fn] = match ?? [];
  if (domain === undefined || bus === undefined || slot === undefined || fn === undefined) return null;
  return { domain: `0x${domain}`, bus: `0x${bus}`, slot: `0x${slot}`, function: `0x${fn}` };
}

/** A MAC address in lower case; null for anything else. */
export function macOf(written: string | null): Mac | null {
  const mac = written?.trim().toLowerCase() ?? '';
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac) ? mac : null;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
