import type { World } from '../model/index.js';
import { canonicalJson, isClaimed, sha256 } from '../model/index.js';

/**
 * SHA-256 of what a plan rests on: states of hosts, places and devices of machines, dummies, reservations. Times, loads and the
 * progress of moves do not change it, and neither does the order in which things were listed.
 */
export function fingerprint(world: World): string {
  return sha256(
    canonicalJson({
      cluster: world.cluster,
      hosts: sorted(world.hosts.map(({ name, state }) => ({ name, state }))),
      machines: sorted(
        world.machines.map(({ name, host, state, assignments }) => ({
          name,
          host,
          state,
          assignments: sorted(assignments.map(({ claim, device, mac }) => ({ claim, device, mac }))),
        })),
      ),
      dummies: sorted(world.dummies.map(({ name, host, devices }) => ({ name, host, devices: devices.toSorted() }))),
      reservations: sorted(
        world.reservations
          .filter(isClaimed)
          .map(({ host, device, phase, machine, claim }) => ({ host, device, phase, machine, claim })),
      ),
    }),
  );
}

function sorted<T>(entries: readonly T[]): readonly T[] {
  return entries.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
}
