import type { Bdf } from './device.js';

/**
 * Where a reservation stands.
 * `Pending` claimed in the ledger · `Held` a dummy holds the device · `HandingOver` the dummy leaves, the machine comes ·
 * `Bound` the machine owns it · `Released` free again (the entry stays, for its epoch) · `Lost` somebody else took the device.
 */
export type ReservationPhase = 'Pending' | 'Held' | 'HandingOver' | 'Bound' | 'Released' | 'Lost';

/** One entry of the ledger: who a device belongs to. It never becomes free in a hand-over; only its holder changes. */
export interface Reservation {
  readonly host: string;
  readonly device: Bdf;
  /** Grows by one with every change of the entry; an order with an older epoch is refused. */
  readonly epoch: number;
  readonly phase: ReservationPhase;
  readonly machine: string;
  readonly claim: string;
  readonly holder: 'none' | 'dummy' | 'machine';
  /** Name of the dummy VM, null when there is none. */
  readonly dummy: string | null;
  /** The move that made it (`machine.n` of a plan), empty for a device that was adopted. */
  readonly move: string;
  readonly planHash: string;
  /** Epoch milliseconds; `Bound` entries do not expire. */
  readonly expiresAt: number | null;
}

/** True while the entry keeps the device from everybody but its owner. */
export function isClaimed(reservation: Reservation): boolean {
  return reservation.phase !== 'Released';
}
