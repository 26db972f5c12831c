import type { Clock, Lease, LeaseGrant } from '../ports/index.js';
import { leaseOn } from './stored.js';

/** A lease that lives as long as the object does. */
export function memoryLease(clock: Clock): Lease {
  let stored: LeaseGrant | null = null;
  return leaseOn(
    {
      load: () => stored,
      exclusively: (work) => work(),
      save: (grant) => {
        stored = grant;
      },
    },
    clock,
  );
}
