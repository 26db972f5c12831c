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
});
