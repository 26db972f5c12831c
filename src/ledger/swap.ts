import { type DeviceRef, deviceKey, type Reservation } from '../model/index.js';

/** Entries by `host/bdf`. */
export type Entries = ReadonlyMap<string, Reservation>;

/** The entries after a compare-and-swap, or null when the comparison failed. Throws for an entry that no writer may make. */
export function swapped(entries: Entries, ref: DeviceRef, expectedEpoch: number, next: Reservation): Entries | null {
  if (next.epoch !== expectedEpoch + 1 || deviceKey(next) !== deviceKey(ref))
    throw new Error(
      `entry ${deviceKey(next)} epoch ${next.epoch} does not follow ${deviceKey(ref)} epoch ${expectedEpoch}`,
    );
  if ((entries.get(deviceKey(ref))?.epoch ?? 0) !== expectedEpoch) return null;
  return new Map(entries).set(deviceKey(ref), next);
}

/** Entries in an order that does not depend on when they were made. */
export function inOrder(entries: Entries): readonly Reservation[] {
  return [...entries.values()].sort((a, b) => (deviceKey(a) < deviceKey(b) ? -1 : 1));
}
