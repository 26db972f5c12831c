import { describe, expect, it } from 'vitest';
import { busy, EVERYBODY, MACHINE, OLD_CPU } from './crossings.js';
import { deviceIn, hostsIn, type Moment, openStory, tell } from './story.js';

describe('Sabin: a cold path between unlike platforms', () => {
  const UNLIKE = [
    { name: 'edge-2', ...OLD_CPU },
    { name: 'edge-3', ...OLD_CPU },
  ];
  const unlike = busy(['vfio-live', 'hotplug', 'cold'], UNLIKE, { maxDowntimeMs: 60_000 });
  const definedOn = ({ state }: Moment): readonly string[] =>
    state.machines.filter(({ name }) => name === MACHINE).map(({ host }) => host);

  it('Sabin: what cannot go live is stopped and started again, and the source keeps it until the target runs', async () => {
    const { story, plan } = await tell(unlike);
    expect(plan.moves).toMatchObject([{ strategy: 'cold', advice: 'Reconfigure' }]);
    expect(plan.moves[0]?.strategyReason).toMatch(/CPUs of edge-2 lack/);
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-2']);
    for (const moment of story.moments) {
      expect(hostsIn(moment, MACHINE).length).toBeLessThan(2);
      if (!hostsIn(moment, MACHINE).includes('edge-2')) expect(definedOn(moment)).toContain('edge-1');
    }
    expect(definedOn(story.now())).toEqual(['edge-2']);
    expect(await story.loop.atRest(EVERYBODY)).toEqual([]);
  });

  it('Sabin: when the target does not start it, the source runs it again with its own VF', async () => {
    const story = await openStory(unlike, (moment, loop) => {
      if (moment.what.startsWith(`stop ${MACHINE}`)) loop.simulator.operator.setHost('edge-2', 'down');
    });
    const before = deviceIn(story.now(), MACHINE, 'fronthaul');
    await story.pass();
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-1']);
    expect(deviceIn(story.now(), MACHINE, 'fronthaul')).toEqual(before);
    expect(story.moments.some((moment) => hostsIn(moment, MACHINE).length === 0)).toBe(true);
  });
});
