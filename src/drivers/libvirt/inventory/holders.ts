import type { Bdf, Dummy, Machine } from '../../../model/index.js';
import type { Note } from './finding.js';

/** Which domain has which device of one host now. Domains that Berth knows nothing else of hold devices all the same. */
export function holdersOf(
  machines: readonly Machine[],
  dummies: readonly Dummy[],
  note: Note,
): ReadonlyMap<Bdf, string> {
  const holders = new Map<Bdf, string>();
  const take = (device: Bdf, name: string): void => {
    const first = holders.get(device);
    if (first === undefined) holders.set(device, name);
    else note({ code: 'DeviceHeldTwice', subject: device, message: `both ${first} and ${name} are said to have it` });
  };
  for (const { name, assignments } of machines) for (const { device } of assignments) take(device, name);
  for (const { name, devices } of dummies) for (const device of devices) take(device, name);
  return holders;
}
