import { describe, expect, it } from 'vitest';
import { busy, EVERYBODY, MACHINE, overloaded, PLAIN } from './crossings.js';
import { deviceIn, entryIn, exchange, firstWhen, hostsIn, tell } from './story.js';

describe('Cao: the state of the device goes over with the memory', () => {
  it('Cao: the machine has its VF at every moment, and the target’s was reserved before anything was copied', async () => {
    const { story, plan } = await tell(overloaded({ claim: 'fronthaul', strategy: 'vfio-live' }));
    const { new: replacement } = exchange(story, MACHINE, 'fronthaul');
    expect(plan.moves).toMatchObject([{ strategy: 'vfio-live' }]);
    expect(story.moments.filter((moment) => deviceIn(moment, MACHINE, 'fronthaul') === null)).toEqual([]);
    const copying = firstWhen(story.moments, ({ state }) => state.migrations.length > 0);
    expect(copying.state.migrations).toMatchObject([{ devices: [{ claim: 'fronthaul', device: replacement.device }] }]);
    expect(entryIn(copying, replacement)).toMatchObject({ machine: MACHINE, holder: 'machine' });
    const reserved = firstWhen(story.moments, (moment) => entryIn(moment, replacement) !== undefined);
    expect(reserved.at).toBeLessThan(copying.at);
  });

  it.each([
    ['the VF of the source', [{ name: 'edge-1', ...PLAIN }], /on edge-1 cannot carry its state over/],
    [
      'no VF of a target',
      [
        { name: 'edge-2', ...PLAIN },
        { name: 'edge-3', ...PLAIN },
      ],
      /on edge-2 cannot take the state over/,
    ],
  ])('Cao: when %s can, another strategy is taken and the reason is published', async (_name, changed, reason) => {
    const { story } = await tell(busy(['vfio-live', 'hotplug'], changed));
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-2']);
    const published = story.status('clusters/edge/plan.json') as { moves: readonly unknown[] };
    expect(published.moves).toEqual([
      expect.objectContaining({ strategy: 'hotplug', strategy_reason: expect.stringMatching(reason) as unknown }),
    ]);
    expect(await story.loop.atRest(EVERYBODY)).toEqual([]);
  });
});
