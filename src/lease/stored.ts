import type { Clock, Lease, LeaseGrant } from '../ports/index.js';
import { granted, inForce, released, renewed } from './grant.js';

/** Where a lease is kept. */
export interface LeaseStorage {
  load(): LeaseGrant | null;
  save(grant: LeaseGrant): void;
  /** Runs `work` while nobody else loads or saves. */
  exclusively<T>(work: () => T): T;
}

/** The rules of the lease on top of any storage. */
export function leaseOn(storage: LeaseStorage, clock: Clock): Lease {
  const change = (decide: (current: LeaseGrant | null) => LeaseGrant | null): LeaseGrant | null =>
    storage.exclusively(() => {
      const next = decide(storage.load());
      if (next !== null) storage.save(next);
      return next;
    });
  return {
    acquire: async (holder, ttlSeconds, fence = 0) => {
      await Promise.resolve();
      return storage.exclusively(() => {
        const current = storage.load();
        const grant = granted(current, { holder, ttlSeconds, fence }, clock.now());
        if (grant === null) return { heldBy: current as LeaseGrant };
        storage.save(grant);
        return { granted: grant };
      });
    },
    renew: async (grant, ttlSeconds) => {
      await Promise.resolve();
      return change((current) => renewed(current, grant, ttlSeconds, clock.now()));
    },
    release: async (grant) => {
      await Promise.resolve();
      change((current) => released(current, grant));
    },
    current: async () => {
      await Promise.resolve();
      return inForce(storage.load(), clock.now());
    },
  };
}
