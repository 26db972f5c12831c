import { makeFolderOf, readChecked, withLock, writeChecked } from '../durable/index.js';
import type { Clock, Lease, LeaseGrant } from '../ports/index.js';
import { leaseOn } from './stored.js';

const REMEDY = 'See that no other Berth acts on this cluster, then remove the file: the next one takes a new lease.';

/** A lease in a file that the Berth processes of one computer share. Throws `FileDamage` when it is not what was written. */
export function openFileLease(path: string, clock: Clock): Lease {
  return leaseOn(
    {
      load: () => readChecked(path, REMEDY) as LeaseGrant | null,
      save: (grant) => writeChecked(path, grant),
      exclusively: (work) => {
        makeFolderOf(path);
        return withLock(path, work);
      },
    },
    clock,
  );
}
