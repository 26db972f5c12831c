import { deviceKey, isActive, isClaimed, type Reservation, type World } from '../model/index.js';
import type { Ledger } from '../ports/index.js';

/** A device that a managed machine owns and that the ledger gives to somebody else. */
export interface Contested {
  readonly machine: string;
  readonly host: string;
  readonly device: string;
  readonly entry: Reservation;
}

/**
 * Enters devices that managed machines own and the ledger does not know. Answers with what it could not enter, because the ledger has it
 * for another machine: who is right there is for a person to say.
 */
export async function adopt(world: World, managed: ReadonlySet<string>, ledger: Ledger): Promise<readonly Contested[]> {
  const entries = new Map(world.reservations.map((entry) => [deviceKey(entry), entry]));
  const contested: Contested[] = [];
  for (const machine of world.machines) {
    if (!managed.has(machine.name) || !isActive(machine)) continue;
    for (const { claim, device } of machine.assignments) {
      const ref = { host: machine.host, device };
      const entry = entries.get(deviceKey(ref));
      if (entry !== undefined && isClaimed(entry)) {
        if (entry.machine !== machine.name) contested.push({ machine: machine.name, ...ref, entry });
        continue;
      }
      await ledger.swap(ref, entry?.epoch ?? 0, {
        ...ref,
        epoch: (entry?.epoch ?? 0) + 1,
        phase: 'Bound',
        machine: machine.name,
        claim,
        holder: 'machine',
        dummy: null,
        move: '',
        planHash: '',
        expiresAt: null,
      });
    }
  }
  return contested;
}
