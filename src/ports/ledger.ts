import type { DeviceRef, Reservation } from '../model/index.js';

/**
 * The authority on who owns which device: one entry a device, changed by compare-and-swap only.
 * Entries are never deleted; a free device has none yet, or one in phase `Released`, so that epochs only grow.
 */
export interface Ledger {
  read(): Promise<readonly Reservation[]>;
  /**
   * Writes `next` when the entry's epoch is still `expectedEpoch` (0: there is no entry). `next.epoch` must be `expectedEpoch + 1`.
   * `stored` is the entry that stands afterwards, whoever wrote it.
   */
  swap(
    ref: DeviceRef,
    expectedEpoch: number,
    next: Reservation,
  ): Promise<{ readonly won: boolean; readonly stored: Reservation | null }>;
}
