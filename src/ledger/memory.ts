import { deviceKey, type Reservation } from '../model/index.js';
import type { Ledger } from '../ports/index.js';
import { type Entries, inOrder, swapped } from './swap.js';

/** A ledger that lives as long as the object does. */
export function memoryLedger(initial: readonly Reservation[] = []): Ledger {
  let entries: Entries = new Map(initial.map((entry) => [deviceKey(entry), entry]));
  return {
    read: () => Promise.resolve(inOrder(entries)),
    swap: async (ref, expectedEpoch, next) => {
      await Promise.resolve();
      const after = swapped(entries, ref, expectedEpoch, next);
      entries = after ?? entries;
      return { won: after !== null, stored: entries.get(deviceKey(ref)) ?? null };
    },
  };
}
