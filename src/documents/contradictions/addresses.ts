import { problem, type Place, type Problem } from '../../model/index.js';
import type { Resolved } from '../resolve/resolve.js';

/** MAC addresses that no station may have, and those that two claims have. */
export function addressContradictions({ desired, catalog }: Resolved): readonly Problem[] {
  const first = new Map<string, { readonly machine: string; readonly place: Place | null }>();
  const problems: Problem[] = [];
  for (const machine of desired.machines) {
    machine.claims.forEach(({ mac }, index) => {
      if (mac === null) return;
      const place = catalog.place('VirtualMachine', machine.name, `/spec/devices/${index}/mac`);
      const wrong = wrongAddress(mac);
      if (wrong !== null) problems.push(problem({ code: 'BadMac', ...wrong, place }));
      const other = first.get(mac);
      if (other === undefined) first.set(mac, { machine: machine.name, place });
      else problems.push(twice(mac, machine.name, place, other));
    });
  }
  return problems;
}

function wrongAddress(mac: string): { readonly message: string; readonly hint: string } | null {
  if (mac === '00:00:00:00:00:00')
    return { message: `${mac} is nobody’s address`, hint: 'leave the line out, and one is chosen' };
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 0) return null;
  const message = `${mac} is a group address: no device can have it`;
  return { message, hint: 'the first pair must be even, such as 52' };
}

function twice(
  mac: string,
  machine: string,
  place: Place | null,
  other: { readonly machine: string; readonly place: Place | null },
): Problem {
  return problem({
    code: 'DuplicateMac',
    message: `${other.machine} and ${machine} both have the MAC address ${mac}`,
    hint: 'give one of them an address of its own',
    place,
    related: other.place === null ? [] : [{ message: `${other.machine} has it here`, place: other.place }],
  });
}
