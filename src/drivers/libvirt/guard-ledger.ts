import { Refused } from './errors.js';
import { guardEntries, type GuardEntry } from './guard/index.js';
import type { HostObservation } from './inventory/index.js';
import type { HostLink } from './site.js';

/**
 * Tells the guard of a host, where there is one, who may have which device: whoever holds it now, the machine that a dummy stands for, and
 * `coming`. Throws {@link Refused} when it cannot be told: a device that is not guarded where it was to be is not reserved.
 */
export async function tellGuard(link: HostLink, seen: HostObservation, coming: readonly GuardEntry[]): Promise<void> {
  const { commands, settings } = link;
  if (commands === null || settings.guardLedger === null) return;
  const answer = await commands.writeGuardLedger([...guardEntries(seen), ...coming], settings.guardLedger);
  if (answer.kind !== 'answered')
    throw new Refused('Conflict', `the guard of host ${link.name} could not be told: ${answer.message}`);
}
