import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../src/model/index.js';
import { busy, MACHINE, OLD_CPU, PLAIN } from './crossings.js';
import type { SiteHost } from './site.js';
import { hostsIn, tell } from './story.js';

describe('Ciano: advice on what stands in the way', () => {
  it.each<{ advice: string; to: string; strategies: readonly Strategy[]; changed: readonly SiteHost[] }>([
    { advice: 'Proceed', to: 'edge-2', strategies: ['vfio-live', 'hotplug'], changed: [] },
    {
      advice: 'Reconfigure',
      to: 'edge-2',
      strategies: ['vfio-live', 'hotplug'],
      changed: [{ name: 'edge-1', ...PLAIN }],
    },
    { advice: 'OtherHost', to: 'edge-3', strategies: ['vfio-live'], changed: [{ name: 'edge-2', ...OLD_CPU }] },
  ])('Ciano: $advice, and the machine goes to $to', async ({ advice, to, strategies, changed }) => {
    const { story } = await tell(busy(strategies, changed));
    expect(hostsIn(story.now(), MACHINE)).toEqual([to]);
    expect(story.status('clusters/edge/plan.json')).toMatchObject({ moves: [{ machine: MACHINE, advice }] });
  });

  it('Ciano: Reconfigure is advised when only another strategy would let the machine go', async () => {
    const { story } = await tell(busy(['vfio-live'], [{ name: 'edge-1', ...PLAIN }]));
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-1']);
    expect(adviceIn(story.status('clusters/edge/status.yaml'))).toEqual({ [MACHINE]: 'Reconfigure' });
  });

  it('Ciano: AskOperator when a rule that only a person can change forbids every host', async () => {
    const site = busy(['vfio-live'], []);
    const ban = { selector: { names: [MACHINE] }, ban: { hosts: ['edge-2', 'edge-3'] } };
    const { story } = await tell({ ...site, more: { 'PlacementPolicy/not-there': ban } });
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-1']);
    expect(adviceIn(story.status('clusters/edge/status.yaml'))).toEqual({ [MACHINE]: 'AskOperator' });
    expect(story.conditions(MACHINE)).toMatchObject({ Ready: 'False' });
  });
});

function adviceIn(document: unknown): Readonly<Record<string, string>> {
  const { refusals } = (
    document as { status: { refusals: readonly { machine: string; reason: string; advice: string }[] } }
  ).status;
  const ours = refusals.filter(({ reason }) => reason !== 'MachineSuspended');
  return Object.fromEntries(ours.map(({ machine, advice }) => [machine, advice]));
}
