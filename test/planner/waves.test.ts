import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../src/model/index.js';
import { plan } from '../../src/planner/index.js';
import { fixture } from './fixture.js';

describe('the waves of a plan', () => {
  it.each<{ strategy: Strategy; takes: readonly string[] }>([
    { strategy: 'hotplug', takes: ['detach/net', 'migrate'] },
    { strategy: 'cold', takes: ['stop', 'hand-over/net', 'decommission/net', 'start'] },
  ])('lets no guest be without its device in a wave in which another switches ($strategy)', ({ strategy, takes }) => {
    const vm = { on: 'h1', claims: { net: 'vf' }, desired: { strategies: [strategy], maxDowntimeMs: 60_000 } } as const;
    const { desired, world } = fixture({
      hosts: { h1: { maintenance: 'drain' }, h2: {} },
      machines: { a: vm, b: vm },
      migration: { limits: { perHost: 1, perGroup: 4, perCluster: 8 } },
    });
    const made = plan(desired, world);
    const switches = new Set(made.steps.filter(({ phase }) => phase === 'switch').map(({ id }) => id));
    const waves = made.waves.map((wave) => wave.filter((id) => switches.has(id))).filter((wave) => wave.length > 0);
    expect(waves).toEqual(['a.1', 'b.1'].flatMap((move) => takes.map((kind) => [`${move}/${kind}`])));
  });

  it('moves no more members of a disruption budget at once than it allows, and says how long the plan takes with that', () => {
    const lines = {
      hosts: { h1: { maintenance: 'drain' }, h2: {} },
      machines: { a: { on: 'h1' }, b: { on: 'h1' } },
    } as const;
    const free = fixture(lines);
    const held = fixture({ ...lines, budgets: [{ machines: ['a', 'b'], maxMoving: 1 }] });
    const [one, other] = [plan(free.desired, free.world), plan(held.desired, held.world)];
    expect([one.waves.length, other.waves.length]).toEqual([1, 2]);
    expect(other.summary.seconds).toBeCloseTo(2 * one.summary.seconds, 0);
  });

  it('lets moves over one uplink wait for each other when it does not carry both, and not those within the group', () => {
    const wavesOf = (group: string) => {
      const { desired, world } = fixture({
        hosts: { h1: { maintenance: 'drain' }, h2: { group } },
        machines: { a: { on: 'h1' }, b: { on: 'h1' } },
        uplinkMbps: 1000,
      });
      return plan(desired, world).waves.length;
    };
    expect([wavesOf('a'), wavesOf('b')]).toEqual([1, 2]);
  });
});
