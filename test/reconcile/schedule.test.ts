import { describe, expect, it } from 'vitest';
import type { Host } from '../../src/model/index.js';
import { VirtualClock } from '../../src/clock/virtual.js';
import { followed, type HoldReason, nextPass, type PassFacts, schedule } from '../../src/reconcile/index.js';
import { fixture } from '../planner/fixture.js';
import { type ClusterOf, documentsOf } from './documents-of.js';
import { openLoop } from './loop.js';

function facts(hold: HoldReason | null, result: 'succeeded' | 'failed' | null = null): PassFacts {
  return {
    cluster: 'test',
    startedAt: 0,
    revision: 'r1',
    desired: null,
    problems: [],
    hold: hold === null ? null : { reason: hold, message: '' },
    freeze: null,
    recovered: [],
    swept: [],
    contested: [],
    world: null,
    plan: null,
    planSeconds: null,
    checks: [],
    execution: result === null ? null : { result, message: '', moves: [] },
  };
}

function withHost(state: Host['state']): PassFacts {
  const { world } = fixture({ hosts: { h1: {}, h2: {} } });
  return { ...facts(null), world: { ...world, hosts: world.hosts.map((host) => ({ ...host, state })) } };
}

const freeze = { message: '', machine: 'vm', at: 0 };

describe('when the next pass comes', () => {
  it.each([
    { reason: 'all is well', last: facts(null), before: 3, after: 60, attempts: 0 },
    { reason: 'a plan was carried out', last: facts(null, 'succeeded'), before: 0, after: 60, attempts: 0 },
    { reason: 'a plan failed for the first time', last: facts(null, 'failed'), before: 0, after: 5, attempts: 1 },
    { reason: 'a plan failed again', last: facts(null, 'failed'), before: 2, after: 20, attempts: 3 },
    {
      reason: 'it failed so often that the interval is sooner',
      last: facts(null, 'failed'),
      before: 9,
      after: 60,
      attempts: 10,
    },
    { reason: 'Git was out of reach', last: facts('GitUnreachable'), before: 0, after: 5, attempts: 1 },
    { reason: 'a host did not answer', last: withHost('unknown'), before: 0, after: 5, attempts: 1 },
    {
      reason: 'it is frozen over a machine of which the hosts may tell by then',
      last: { ...facts('Frozen'), freeze: { ...freeze, reason: 'UnclearMachine' } },
      before: 0,
      after: 5,
      attempts: 1,
    },
    {
      reason: 'it is frozen for a person',
      last: { ...facts('Frozen'), freeze: { ...freeze, reason: 'MachineRunsTwice' } },
      before: 0,
      after: 60,
      attempts: 0,
    },
    { reason: 'all hosts answer again', last: withHost('up'), before: 2, after: 60, attempts: 0 },
    { reason: 'only a person can help', last: facts('InvalidDocument'), before: 0, after: 60, attempts: 0 },
  ])('after $after s when $reason', ({ last, before, after, attempts }) => {
    expect(nextPass(last, before, 60, 0)).toMatchObject({ afterSeconds: after, attempts });
  });
});

describe('a plan that waits for a maintenance window', () => {
  it('is carried out as soon as the window opens, however long the interval is', async () => {
    const opening = Date.parse('2026-01-05T12:00:00Z');
    const loop = openLoop({
      hosts: [{ name: 'h1', maintenance: 'drain' }, { name: 'h2' }],
      machines: [{ name: 'db-1', at: 'h1' }],
      migration: ["windows: [{ cron: '0 12 * * *', durationMinutes: 5 }]", 'blastRadius: { maxSharePercent: 100 }'],
    });
    await loop.clock.sleep(opening - 1_800_500 - loop.clock.now());
    const stop = new AbortController();
    const passes: PassFacts[] = [];
    const scheduled = schedule({
      clock: loop.clock,
      intervalSeconds: () => 3_600,
      hasChanged: () => Promise.resolve(false),
      pass: () => loop.pass(),
      onPass: (pass) => {
        passes.push(pass);
        if (passes.length === 2) stop.abort();
        return Promise.resolve();
      },
      signal: stop.signal,
    });
    await scheduled.ended;
    expect(passes.map(({ hold }) => hold?.reason)).toEqual(['WindowClosed', undefined]);
    expect(passes[1]?.startedAt).toBe(opening);
    expect(loop.hostOf('db-1')).toBe('h2');
  });
});

interface Daemon {
  readonly clock: VirtualClock;
  readonly begun: number[];
  readonly cancelled: number[];
  readonly stop: AbortController;
  readonly scheduled: ReturnType<typeof schedule>;
}

/** A daemon whose passes take 10 s and are counted, until it has run `passes` of them. */
function daemon(passes: number, hasChanged = true, result: 'succeeded' | 'failed' | null = null): Daemon {
  const clock = new VirtualClock(0);
  const stop = new AbortController();
  const begun: number[] = [];
  const cancelled: number[] = [];
  let inside = 0;
  const scheduled = schedule({
    clock,
    intervalSeconds: () => 60,
    hasChanged: () => Promise.resolve(hasChanged),
    pass: async (cancel) => {
      expect(++inside, 'passes at once').toBe(1);
      begun.push(clock.now() / 1000);
      cancel.addEventListener('abort', () => cancelled.push(clock.now() / 1000));
      await clock.sleep(10_000);
      inside--;
      return facts(null, result);
    },
    onPass: () => {
      if (begun.length === passes) stop.abort();
      return Promise.resolve();
    },
    signal: stop.signal,
  });
  return { clock, begun, cancelled, stop, scheduled };
}

describe('the daemon', () => {
  it('runs a pass at every interval, never two at once, until it is stopped', async () => {
    const { begun, scheduled } = daemon(3);
    await scheduled.ended;
    expect(begun).toEqual([0, 70, 140]);
  });

  it('runs a pass at once when something asks for it', async () => {
    const { clock, begun, scheduled } = daemon(2);
    await clock.sleep(30_000);
    scheduled.trigger();
    await scheduled.ended;
    expect(begun).toEqual([0, 30]);
  });

  it('calls off what has not begun when another commit comes in the middle of a pass, and comes again at once', async () => {
    const { clock, begun, cancelled, scheduled } = daemon(2);
    await clock.sleep(4_000);
    scheduled.trigger();
    await scheduled.ended;
    expect({ begun, cancelled }).toEqual({ begun: [0, 10], cancelled: [4] });
  });

  it('calls off nothing for a trigger that brings no other commit', async () => {
    const { clock, cancelled, scheduled } = daemon(2, false);
    await clock.sleep(4_000);
    scheduled.trigger();
    await scheduled.ended;
    expect(cancelled).toEqual([]);
  });

  it('waits longer after each failure, and counts no pass that was asked for', async () => {
    const { clock, begun, scheduled } = daemon(6, false, 'failed');
    for (const at of [11, 22]) {
      await clock.sleep(at * 1000 - clock.now());
      scheduled.trigger();
    }
    await scheduled.ended;
    expect(begun).toEqual([0, 11, 22, 37, 57, 87]);
  });

  it('ends soon when it is stopped in the middle of a pass, and cancels the pass', async () => {
    const { clock, begun, cancelled, stop, scheduled } = daemon(9);
    await clock.sleep(75_000);
    stop.abort();
    await scheduled.ended;
    expect({ begun, cancelled }).toEqual({ begun: [0, 70], cancelled: [75] });
  });
});

describe('the daemon over a cluster whose drain is under way', () => {
  const cluster: ClusterOf = {
    hosts: [{ name: 'h1' }, { name: 'h2' }],
    machines: ['db-1', 'db-2', 'db-3'].map((name) => ({ name, at: 'h1' })),
    migration: ['blastRadius: { maxSharePercent: 100 }', 'parallel: { perHost: 1, perGroup: 1, perCluster: 1 }'],
  };
  const drained: ClusterOf = { ...cluster, hosts: [{ name: 'h1', maintenance: 'drain' }, { name: 'h2' }] };

  it.each([
    {
      news: 'the commit that it works on comes',
      commits: 0,
      results: ['succeeded', 'succeeded', 'succeeded'],
      hold: null,
    },
    {
      news: 'fault 21: the drain is taken back',
      commits: 1,
      results: ['skipped', 'skipped', 'succeeded'],
      hold: { reason: 'Stopped', message: 'another commit came: 2 of 3 moves were called off' },
    },
  ])('at the first move when $news: $results', async ({ commits, results, hold }) => {
    const stop = new AbortController();
    const passes: PassFacts[] = [];
    const loop = openLoop(cluster, 1, (message, { repository }) => {
      if (!message.startsWith('migrate') || passes.length > 1) return;
      if (commits === 1) repository.commit(documentsOf(cluster));
      scheduled.trigger();
    });
    await loop.pass();
    loop.repository.commit(documentsOf(drained));
    const { source, begin, hasChanged } = followed(loop.repository);
    const scheduled = schedule({
      clock: loop.clock,
      intervalSeconds: () => 60,
      hasChanged,
      pass: (signal) => {
        begin();
        return loop.pass({ signal, source });
      },
      onPass: (pass) => {
        passes.push(pass);
        if (passes.length === 2) stop.abort();
        return Promise.resolve();
      },
      signal: stop.signal,
    });
    await scheduled.ended;
    expect(passes[0]?.execution?.moves.map(({ result }) => result).sort()).toEqual(results);
    expect(passes[0]?.hold).toEqual(hold);
  });
});
