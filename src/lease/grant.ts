import type { LeaseGrant } from '../ports/index.js';

/** The grant that `holder` gets at `now`, or null while somebody else has a valid one. */
export function granted(
  current: LeaseGrant | null,
  holder: string,
  ttlSeconds: number,
  now: number,
): LeaseGrant | null {
  const expiresAt = now + ttlSeconds * 1000;
  const isOurs = current?.holder === holder;
  if (current !== null && current.expiresAt > now) return isOurs ? { ...current, expiresAt } : null;
  // Who gave it up and takes it again with nobody in between has nothing to be fenced from.
  if (current !== null && isOurs && current.expiresAt === GIVEN_UP) return { ...current, expiresAt };
  // Not below the clock: a token stays above all earlier ones even when the file that counted them was lost.
  return { holder, token: Math.max((current?.token ?? 0) + 1, now), expiresAt };
}

const GIVEN_UP = 0;

/** The renewed grant, or null when it expired or went to somebody else: who was asleep too long has to acquire anew. */
export function renewed(
  current: LeaseGrant | null,
  grant: LeaseGrant,
  ttlSeconds: number,
  now: number,
): LeaseGrant | null {
  if (current?.token !== grant.token || current.expiresAt <= now) return null;
  return { ...current, expiresAt: now + ttlSeconds * 1000 };
}

/** What stands after a release: the token stays, so that the next one is higher. */
export function released(current: LeaseGrant | null, grant: LeaseGrant): LeaseGrant | null {
  return current?.token === grant.token ? { ...current, expiresAt: GIVEN_UP } : null;
}

/** The grant, unless nobody has it any more. */
export function inForce(current: LeaseGrant | null, now: number): LeaseGrant | null {
  return current !== null && current.expiresAt > now ? current : null;
}
