import { makeFolderOf, readChecked, withLock, writeChecked } from '../durable/index.js';
import { deviceKey, type Reservation } from '../model/index.js';
import type { Ledger } from '../ports/index.js';
import { type Entries, inOrder, swapped } from './swap.js';

const REMEDY =
  'Restore it from a backup. Without one, stop every Berth of this cluster, see that no migration runs and no dummy VM stands, ' +
  'and move the file away: the next pass adopts the devices that running machines own.';

/**
 * A ledger in a file that all Berth processes of one computer share: each swap reads and replaces it under a lock, atomically.
 * Throws `FileDamage` when the file is not what was written.
 */
export function openFileLedger(path: string): Ledger {
  return {
    read: async () => {
      await Promise.resolve();
      return inOrder(load(path));
    },
    swap: async (ref, expectedEpoch, next) => {
      await Promise.resolve();
      makeFolderOf(path);
      return withLock(path, () => {
        const entries = load(path);
        const after = swapped(entries, ref, expectedEpoch, next);
        if (after !== null) writeChecked(path, { formatVersion: '1.0', entries: inOrder(after) });
        return { won: after !== null, stored: (after ?? entries).get(deviceKey(ref)) ?? null };
      });
    },
  };
}

function load(path: string): Entries {
  const stored = readChecked(path, REMEDY) as { readonly entries: readonly Reservation[] } | null;
  return new Map((stored?.entries ?? []).map((entry) => [deviceKey(entry), entry]));
}
