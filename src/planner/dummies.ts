import type { Dummy, Reservation, World } from '../model/index.js';

const PREFIX = 'berth-dummy-';

/** Name of the dummy VM that holds the device of a claim. */
export function dummyName(machine: string, claim: string): string {
  return `${PREFIX}${machine}-${claim}`;
}

/**
 * What a dummy stands for: `held`: a device that the ledger has for somebody · `expired`: it is ours, known to the ledger or named as we name
 * them, and its time is over · `foreign`: nothing that is known here, and it is left alone.
 */
export type Standing = 'held' | 'expired' | 'foreign';

/** Who put a dummy there, and whether it is still meant to stand. */
export function standingOf(dummy: Dummy, world: World): Standing {
  const isKnown = entriesBehind(dummy, world).length > 0;
  if (!isKnown && !dummy.name.startsWith(PREFIX)) return 'foreign';
  if (dummy.expiresAt <= world.at) return 'expired';
  return isKnown ? 'held' : 'foreign';
}

/** Entries of the ledger whose devices it holds. */
export function entriesBehind({ host, name, devices }: Dummy, { reservations }: World): readonly Reservation[] {
  return reservations.filter((entry) => entry.host === host && entry.dummy === name && devices.includes(entry.device));
}
