import type { LeaseGrant } from '../ports/index.js';

/** Who asks for the lease, how long for, and the last fence that the journal has seen. */
interface Request {
  readonly holder: string;
  readonly ttlSeconds: number;
  readonly fence: number;
}

/** The grant that the holder gets at `now`, or null while somebody else has a valid one. */
export function granted(
  current: LeaseGrant | null,
  { holder, ttlSeconds, fence }: Request,
  now: number,
): LeaseGrant | null {
  const expiresAt = now + ttlSeconds * 1000;
  const isOurs = current?.holder === holder;
  const isValid = current !== null && current.expiresAt > now;
  if (isValid && !isOurs) return null;
  // Who gave it up and takes it again with nobody in between has nothing to be fenced from.
  const keepsToken = isOurs && (isValid || current.expiresAt === GIVEN_UP) && current.token >= fence;
  if (keepsToken) return { ...current, expiresAt };
  // Above the journal, and not below the clock: the file that counted the tokens may have been lost, and the clock set back.
  return { holder, token: Math.max((current?.token ?? 0) + 1, fence + 1, now), expiresAt };
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
