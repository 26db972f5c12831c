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

/** In the order of their texts, each written once: there are as many as machines. */
function sorted<T>(entries: readonly T[]): readonly T[] {
  const texts = entries.map((entry) => ({ entry, text: canonicalJson(entry) }));
  return texts.sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text))).map(({ entry }) => entry);
}
