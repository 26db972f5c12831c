import type { Copy, Ground } from './ground.js';

/** What an undone move must leave as it was. */
export function footprint(ground: Ground): readonly (readonly [string, string])[] {
  return [
    ...[...ground.ledger].map(
      ([key, entry]) => [`ledger ${key}`, `${entry.phase} ${entry.machine}/${entry.claim}`] as const,
    ),
    ...[...ground.dummies].map(([key, dummy]) => [`dummy ${key}`, dummy.devices.join()] as const),
    ...[...ground.profiles].map((profile) => [`profile ${profile}`, ''] as const),
    ...[...ground.vfs].map(([key, attributes]) => [`vf ${key}`, JSON.stringify(attributes)] as const),
    ...ground.copies.map((copy) => [`copy ${copy.machine} ${copy.host}`, copyText(copy)] as const),
  ];
}

function copyText({ state, cell, devices, staged }: Copy): string {
  const all = [...devices.values()].map(({ claim, device, mac, guestAddress }) => [claim, device, mac, guestAddress]);
  return JSON.stringify({ state, cell, staged, devices: all.sort() });
}
