import { describe, expect, it } from 'vitest';
import type { Machine, Reservation, World } from '../../src/model/index.js';
import { silencesIn } from '../../src/planner/index.js';
import type { FixtureLines } from './fixture-lines.js';
import { fixture, NOW } from './fixture.js';

const lines: FixtureLines = {
  hosts: { h1: {}, h2: {} },
  machines: { vm: { on: 'h1', claims: { net: 'vf' } }, bare: { on: 'h2' } },
};
const silent: FixtureLines = { ...lines, hosts: { h1: { state: 'unknown' }, h2: {} } };
const without = (world: World, host: string): World => ({
  ...world,
  machines: world.machines.filter((copy) => copy.host !== host),
});
const opened = (world: World): readonly Reservation[] =>
  world.reservations.flatMap((entry) => [
    entry,
    { ...entry, host: 'h2', phase: 'Held', holder: 'dummy', dummy: 'd', move: 'vm.1', expiresAt: NOW + 1000 } as const,
  ]);
const incoming = (world: World): readonly Machine[] =>
  world.machines.flatMap((copy) =>
    copy.name === 'vm' ? [{ ...copy, host: 'h2', state: 'incoming' } as const] : [copy],
  );

const cases: readonly {
  readonly reason: string;
  readonly lines: FixtureLines;
  readonly change: (world: World) => World;
  readonly about: readonly string[];
}[] = [
  { reason: 'all hosts answer', lines, change: (world) => world, about: [] },
  { reason: 'it runs nowhere, and all hosts answer', lines, change: (world) => without(world, 'h1'), about: [] },
  { reason: 'its host does not answer', lines: silent, change: (world) => without(world, 'h1'), about: ['vm'] },
  {
    reason: 'its host does not answer in the middle of its move',
    lines: silent,
    change: (world) => ({ ...without(world, 'h1'), reservations: opened(world) }),
    about: ['vm'],
  },
  {
    reason: 'its host does not answer, and the receiving end is seen',
    lines: silent,
    change: (world) => ({ ...world, machines: incoming(world), reservations: opened(world) }),
    about: ['vm'],
  },
];

describe('nobody can tell whether a machine runs', () => {
  it.each(cases)('$about when $reason', ({ lines: of, change, about }) => {
    const { desired, world } = fixture(of);
    expect([...silencesIn(desired, change(world)).keys()]).toEqual(about);
  });
});
