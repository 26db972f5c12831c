import type { LoadPolicy } from '../../../model/index.js';
import type { Draft } from '../draft.js';

/** Names of all machines that the draft has on each host, written or not; hosts without any are left out. */
export function occupantsOf({ view, final }: Draft): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const names = new Set([...view.machines.keys(), ...view.world.machines.map(({ name }) => name)]);
  for (const name of [...names].toSorted()) {
    for (const host of new Set(final.hostsOf(name))) found.set(host, [...(found.get(host) ?? []), name]);
  }
  return found;
}

/** How many moves more the plan may make for the policy. */
export function spareMoves({ wishes }: Draft, { name, maxMoves }: LoadPolicy): number {
  return maxMoves - [...wishes.values()].filter(({ cause }) => 'policy' in cause && cause.policy === name).length;
}
