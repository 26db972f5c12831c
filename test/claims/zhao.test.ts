import { describe, expect, it } from 'vitest';
import { burden, type Site, type SiteMachine } from './site.js';
import { hostsIn, openStory, type Story, tell } from './story.js';

/** A machine of one VF that uses `cpus` of its host's 48 CPUs. */
function worker(name: string, at: string | null, cpus: number, memoryMiB = 4096): SiteMachine {
  return { name, at, claims: ['midhaul'], vcpus: cpus, cpuPercent: 100, memoryMiB };
}

/** Shares of the CPUs in use over the last minute, as the hosts measure it. */
async function loadsOf({ loop }: Story): Promise<Readonly<Record<string, number>>> {
  await loop.clock.sleep(120_000);
  const samples = await loop.simulator.telemetry.samples({ until: loop.clock.now(), windowSeconds: 60, windows: 1 });
  const hosts = samples.filter(({ subject, metric }) => subject.kind === 'host' && metric === 'cpu');
  return Object.fromEntries(hosts.map(({ subject, value }) => [subject.name, value]));
}

describe('Zhao: access groups, and two policies', () => {
  it('Zhao: hosts above the high threshold give to hosts below the low one, and afterwards both are below the high one', async () => {
    const { story, plan } = await tell({
      machines: [burden('edge-1', 28), worker('vm-1', 'edge-1', 6), burden('edge-2', 10)],
    });
    expect(plan.moves).toMatchObject([{ machine: 'vm-1', from: 'edge-1', to: 'edge-2' }]);
    expect(hostsIn(story.now(), 'vm-1')).toEqual(['edge-2']);
    const loads = await loadsOf(story);
    expect(loads['edge-1']).toBeLessThan(0.6);
    expect(loads['edge-2']).toBeLessThan(0.6);
  });

  it.each([
    ['a host that is below the high threshold gives nothing', [burden('edge-1', 20), worker('vm-1', 'edge-1', 8)]],
    [
      'nothing moves when every host is above the low threshold',
      [
        ...[burden('edge-1', 26), worker('vm-1', 'edge-1', 6)],
        ...[burden('edge-2', 20), burden('edge-3', 20), burden('edge-4', 20)],
      ],
    ],
    [
      'nothing moves when a host below the low threshold would come to be above the high one',
      [
        ...[burden('edge-1', 12), worker('vm-1', 'edge-1', 22)],
        ...[burden('edge-2', 12), burden('edge-3', 12), burden('edge-4', 12)],
      ],
    ],
  ])('Zhao: %s', async (_title, machines) => {
    const { story, plan } = await tell({ machines });
    expect(plan.moves).toEqual([]);
    expect(hostsIn(story.now(), 'vm-1')).toEqual(['edge-1']);
  });

  it('Zhao: a host gives only after it was above the threshold for all the held windows', async () => {
    const quiet = { ...burden('edge-1', 28), cpuPercent: 10 };
    const story = await openStory({ machines: [quiet, worker('vm-1', 'edge-1', 6)] });
    const { clock, simulator } = story.loop;
    simulator.operator.setLoad(quiet.name, {
      cpu: { kind: 'constant', percent: 100 },
      memoryPercent: 50,
      networkMbps: 0,
    });
    const places: string[] = [];
    for (let minute = 0; minute < 4; minute++) {
      await story.pass();
      places.push(hostsIn(story.now(), 'vm-1').join());
      await clock.sleep(61_000);
    }
    expect(places).toEqual(['edge-1', 'edge-1', 'edge-1', 'edge-2']);
  });

  it('Zhao: first the hottest host, then of its machines the one that suffices at the least cost', async () => {
    const { story, plan } = await tell({
      load: { maxMoves: 1 },
      machines: [
        ...[burden('edge-1', 18), worker('large', 'edge-1', 8, 16_384), worker('small', 'edge-1', 8, 2048)],
        worker('tiny', 'edge-1', 2, 512),
        ...[burden('edge-3', 24), worker('warm', 'edge-3', 6)],
      ],
    });
    expect(plan.moves.map(({ machine }) => machine)).toEqual(['small']);
    expect(hostsIn(story.now(), 'small')).toEqual(['edge-2']);
    expect(['large', 'tiny'].flatMap((name) => hostsIn(story.now(), name))).toEqual(['edge-1', 'edge-1']);
    expect(hostsIn(story.now(), 'warm')).toEqual(['edge-3']);
  });

  const CROWDED: readonly SiteMachine[] = [burden('edge-1', 26), worker('vm-1', 'edge-1', 6)];

  it('Zhao: a machine stays behind its access switch although a host behind another one is idler', async () => {
    const { story } = await tell({ machines: [...CROWDED, burden('edge-2', 12)] });
    expect(hostsIn(story.now(), 'vm-1')).toEqual(['edge-2']);
  });

  it('Zhao: a costlier machine that finds a place behind the same switch goes before a cheaper one that does not', async () => {
    const notThere = { selector: { names: ['small'] }, ban: { hosts: ['edge-2'] } };
    const { story, plan } = await tell({
      machines: [burden('edge-1', 18), worker('large', 'edge-1', 8, 16_384), worker('small', 'edge-1', 8, 2048)],
      more: { 'PlacementPolicy/not-there': notThere },
    });
    expect(plan.moves.map(({ machine }) => machine)).toEqual(['large']);
    expect(hostsIn(story.now(), 'large')).toEqual(['edge-2']);
    expect(hostsIn(story.now(), 'small')).toEqual(['edge-1']);
  });

  it('Zhao: it goes to another access group when its own cannot take it', async () => {
    const { story } = await tell({ machines: [...CROWDED, burden('edge-2', 24), burden('edge-3', 6)] });
    expect(hostsIn(story.now(), 'vm-1')).toEqual(['edge-4']);
  });

  it('Zhao: it does not when the policy forbids it, and the refusal says so', async () => {
    const site: Site = { load: { crossGroup: 'never' }, machines: [...CROWDED, burden('edge-2', 24)] };
    const { story, plan } = await tell(site);
    expect(plan.moves).toEqual([]);
    expect(hostsIn(story.now(), 'vm-1')).toEqual(['edge-1']);
    const refusal = plan.refusals.find(({ machine }) => machine === 'vm-1');
    expect(refusal?.candidates).toMatchObject([
      { host: 'edge-2', constraint: 'load' },
      { host: 'edge-3', constraint: 'group-policy' },
      { host: 'edge-4', constraint: 'group-policy' },
    ]);
  });

  it('Zhao: new machines are deployed to the access group that has the least to do', async () => {
    const { story, plan } = await tell({
      machines: [burden('edge-1', 16), burden('edge-2', 16), worker('new-1', null, 4), worker('new-2', null, 4)],
    });
    expect(plan.causes.map(({ kind }) => kind)).toEqual(['deploy', 'deploy']);
    const hosts = ['new-1', 'new-2'].flatMap((name) => hostsIn(story.now(), name));
    expect(hosts.toSorted()).toEqual(['edge-3', 'edge-4']);
    expect(await story.loop.atRest(['new-1', 'new-2', 'burden-edge-1', 'burden-edge-2'])).toEqual([]);
  });
});
