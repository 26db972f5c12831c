import { isProcessGone, makeFolderOf, processIdentity, readChecked, withLock, writeChecked } from '../durable/index.js';
import type { Clock, Lease, LeaseGrant } from '../ports/index.js';
import { leaseOn } from './stored.js';

const REMEDY = 'See that no other Berth acts on this cluster, then remove the file: the next one takes a new lease.';

/** What the file holds: the grant, and the process that has it. */
interface Stored extends LeaseGrant {
  readonly process: string;
}

/**
 * A lease in a file that the Berth processes of one computer share. It ends with its time, or at once when the process that has it
 * has died. Throws `FileDamage` when it is not what was written.
 */
export function openFileLease(path: string, clock: Clock): Lease {
  return leaseOn(
    {
      load: () => {
        const stored = readChecked(path, REMEDY) as Stored | null;
        return stored === null ? null : grantOf(stored, clock.now());
      },
      save: (grant) => {
        const stored: Stored = { ...grant, process: processIdentity() };
        writeChecked(path, stored);
      },
      exclusively: (work) => {
        makeFolderOf(path);
        return withLock(path, work);
      },
    },
    clock,
  );
}

function grantOf({ process, ...grant }: Stored, now: number): LeaseGrant {
  return isProcessGone(process) ? { ...grant, expiresAt: Math.min(grant.expiresAt, now) } : grant;
}
