import { describe, expect, it } from 'vitest';
import type { World } from '../../src/model/index.js';
import { fingerprint } from '../../src/planner/index.js';
import { fixture } from './fixture.js';

const { world } = fixture({
  hosts: { h1: { cpu: 0.5 }, h2: { cpu: 0.2 } },
  machines: { a: { on: 'h1', cpu: 1, claims: { net: 'vf' } }, b: { on: 'h2' } },
});

function eachMachine(change: Partial<World['machines'][number]>): World {
  return { ...world, machines: world.machines.map((machine) => ({ ...machine, ...change })) };
}

describe('the fingerprint of a world', () => {
  const same: readonly { reason: string; other: World }[] = [
    { reason: 'time', other: { ...world, at: world.at + 1 } },
    { reason: 'load', other: { ...world, samples: [] } },
    { reason: 'dirty rate', other: eachMachine({ dirtyMibps: 999 }) },
    {
      reason: 'the order of entries',
      other: { ...world, machines: world.machines.toReversed(), hosts: world.hosts.toReversed() },
    },
    {
      reason: 'epochs',
      other: { ...world, reservations: world.reservations.map((entry) => ({ ...entry, epoch: 9 })) },
    },
  ];
  it.each(same)('does not depend on $reason', ({ other }) => {
    expect(fingerprint(other)).toBe(fingerprint(world));
  });

  const different: readonly { reason: string; other: World }[] = [
    { reason: 'the place of a machine', other: eachMachine({ host: 'h2' }) },
    { reason: 'the state of a machine', other: eachMachine({ state: 'paused' }) },
    { reason: 'the devices of a machine', other: eachMachine({ assignments: [] }) },
    { reason: 'the ledger', other: { ...world, reservations: [] } },
    { reason: 'a host', other: { ...world, hosts: world.hosts.map((host) => ({ ...host, state: 'down' as const })) } },
    { reason: 'the cluster', other: { ...world, cluster: 'other' } },
  ];
  it.each(different)('changes with $reason', ({ other }) => {
    expect(fingerprint(other)).not.toBe(fingerprint(world));
  });
});
