import type { Occupancy } from '../occupancy.js';
import type { MachineView } from '../view.js';

/** Domains of the instance by number. */
export const DOMAINS = ['host', 'accessGroup', 'zone'] as const;

/** Where machines are: the first hold of each (-1: none), and the other holds of those that have several. */
export interface Seats {
  readonly first: readonly number[];
  readonly extra: readonly { readonly machine: number; readonly place: number }[];
}

/** Where the occupancy has the machines. */
export function seatsOf(occupancy: Occupancy, machines: readonly MachineView[]): Seats {
  const holds = machines.map(({ name }) => occupancy.holdingsOf(name));
  return {
    first: holds.map((held) => held[0]?.place ?? -1),
    extra: holds.flatMap((held, machine) => held.slice(1).map(({ place }) => ({ machine, place }))),
  };
}
