import { describe, expect, it } from 'vitest';
import { busy, hosts, MACHINE } from './crossings.js';
import type { Site } from './site.js';
import { hostsIn, openStory, tell } from './story.js';

describe('Parulkar: latency budgets', () => {
  const away = (ms: number) => ({ hardware: { latencyMs: { 'cell-17': ms } } });
  const site = (second: number, third: number): Site => ({
    ...busy(['vfio-live'], [], { latencyBudgets: [{ site: 'cell-17', maxMs: 0.5 }] }),
    hosts: hosts(
      { name: 'edge-1', ...away(0.2) },
      { name: 'edge-2', ...away(second) },
      { name: 'edge-3', ...away(third) },
    ),
  });

  it('Parulkar: a machine goes only where the round trip is within its budget', async () => {
    const { story } = await tell(site(0.8, 0.4));
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-3']);
  });

  it('Parulkar: it stays, for that reason, when no host is near enough', async () => {
    const { story, plan } = await tell(site(0.8, 2));
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-1']);
    const candidates = plan.refusals.find(({ machine }) => machine === MACHINE)?.candidates;
    expect(candidates).toMatchObject([
      { host: 'edge-2', constraint: 'latency' },
      { host: 'edge-3', constraint: 'latency' },
    ]);
  });

  it('Parulkar: a machine that is too far from its site is brought nearer as soon as that is written', async () => {
    const story = await openStory({
      hosts: hosts(
        { name: 'edge-1', ...away(0.9) },
        { name: 'edge-2', ...away(0.8) },
        { name: 'edge-3', ...away(0.4) },
      ),
      machines: [{ name: MACHINE, at: 'edge-1', claims: ['fronthaul'] }],
      load: null,
    });
    await story.pass();
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-1']);
    const near = { selector: { names: [MACHINE] }, latency: { site: 'cell-17', maxMs: 0.5 } };
    story.commit({ 'PlacementPolicy/near-cell-17': near });
    await story.pass();
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-3']);
    expect(await story.loop.atRest([MACHINE])).toEqual([]);
  });
});
