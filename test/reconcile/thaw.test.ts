import { describe, expect, it } from 'vitest';
import { type HypervisorAction, type Outcome, unknown } from '../../src/model/index.js';
import type { PassFacts } from '../../src/reconcile/index.js';
import { documentsOf } from './documents-of.js';
import { type Loop, openLoop } from './loop.js';

const duOne = (strategies: string) => ({ name: 'du-1', at: 'h1', vfs: 1, strategies, maxDowntimeMs: 60_000 });
const migration = ['forwardSeconds: 0', 'blastRadius: { maxSharePercent: 100 }'];

const cluster = { hosts: [{ name: 'h1' }, { name: 'h2' }], migration };

/** du-1 on h1, and a commit that sends it to h2. */
async function openSending(strategies: string): Promise<Loop> {
  const machine = duOne(strategies);
  const loop = openLoop({ ...cluster, machines: [{ ...machine, host: 'h1' }] });
  await loop.pass();
  loop.repository.commit(documentsOf({ ...cluster, machines: [{ ...machine, host: 'h2' }] }));
  return loop;
}

type Order = HypervisorAction['kind'];

/** A pass in which one order's answer is lost, with what becomes of the cluster in that moment. */
function passLosing(
  loop: Loop,
  kind: Order,
  happens: (next: () => Promise<Outcome>) => Promise<void>,
): Promise<PassFacts> {
  let lost = false;
  return loop.pass({
    meddle: async (action, next) => {
      if (lost || action.kind !== kind) return next();
      lost = true;
      await happens(next);
      return unknown('HostUnreachable', 'connection lost');
    },
  });
}

const kinds = ({ records }: Loop): readonly string[] => records.map(({ kind }) => kind);
const notes = ({ progress }: Loop): readonly string[] =>
  progress.flatMap((event) => (event.kind === 'note' ? [event.message] : []));
async function unlock({ records, clock }: Loop): Promise<void> {
  const { sequence = 0, fence = 0 } = records.at(-1) ?? {};
  records.push({ kind: 'unlocked', by: 'operator', sequence: sequence + 1, at: clock.now(), fence });
  return Promise.resolve();
}

describe('a freeze ends by itself when the hosts show what was unclear', () => {
  const losses: readonly {
    readonly strategy: string;
    readonly order: Order;
    readonly silent: 'h1' | 'h2';
    readonly arrives: boolean;
    readonly recovered: string;
  }[] = [
    { strategy: 'vfio-live', order: 'migrate', silent: 'h1', arrives: false, recovered: 'undone' },
    { strategy: 'hotplug', order: 'migrate', silent: 'h1', arrives: false, recovered: 'undone' },
    { strategy: 'vfio-live', order: 'migrate', silent: 'h1', arrives: true, recovered: 'succeeded' },
    { strategy: 'hotplug', order: 'migrate', silent: 'h2', arrives: true, recovered: 'succeeded' },
    { strategy: 'cold', order: 'stop', silent: 'h1', arrives: false, recovered: 'undone' },
    { strategy: 'cold', order: 'stop', silent: 'h1', arrives: true, recovered: 'undone' },
    { strategy: 'cold', order: 'start', silent: 'h2', arrives: false, recovered: 'undone' },
    { strategy: 'cold', order: 'start', silent: 'h2', arrives: true, recovered: 'succeeded' },
  ];

  it.each(losses)(
    '$strategy: $silent is silent after $order (has an effect: $arrives), and the move is $recovered once it answers',
    async ({ strategy, order, silent, arrives, recovered }) => {
      const loop = await openSending(strategy);
      const frozen = await passLosing(loop, order, async (next) => {
        if (arrives) await next();
        loop.simulator.operator.setHost(silent, 'unknown');
      });
      const message = `nobody knows where du-1 runs, because ${silent} does not answer`;
      expect(frozen.hold).toMatchObject({ reason: 'Frozen', message: expect.stringContaining(message) as string });
      expect(notes(loop).join()).toContain(message);

      const before = loop.events.length;
      expect((await loop.pass()).hold?.reason).toBe('Frozen');
      expect(loop.events).toHaveLength(before);

      loop.simulator.operator.setHost(silent, 'up');
      const next = await loop.pass();
      expect(next).toMatchObject({ hold: null, freeze: null, recovered: [{ moves: [{ result: recovered }] }] });
      expect(notes(loop).some((note) => note.startsWith('not frozen any more: du-1 '))).toBe(true);
      expect(kinds(loop)).not.toContain('unlocked');
      expect(loop.hostOf('du-1')).toBe('h2');
      expect(await loop.atRest(['du-1'])).toEqual([]);
    },
  );

  it('but not for a machine that ended meanwhile: what is said of it follows what the hosts say', async () => {
    const loop = await openSending('hotplug');
    await passLosing(loop, 'migrate', () => {
      loop.simulator.operator.setHost('h1', 'unknown');
      return Promise.resolve();
    });
    loop.simulator.operator.setHost('h1', 'up');
    loop.simulator.operator.killMachine('h1', 'du-1');
    const gone =
      /^du-1 runs nowhere: it runs neither on h1 nor on h2; look on h1 and h2 why it ended, then run: berth unlock/;
    for (let passes = 0; passes < 3; passes++) {
      expect((await loop.pass()).hold).toMatchObject({
        reason: 'Frozen',
        message: expect.stringMatching(gone) as string,
      });
    }
    expect(kinds(loop).filter((kind) => kind === 'frozen')).toHaveLength(2);

    const asked = loop.clock.now();
    await unlock(loop);
    const next = await loop.pass();
    const settled = loop.records.findLast(({ kind }) => kind === 'move-ended')?.at ?? loop.clock.now();
    expect(next).toMatchObject({ hold: null, recovered: [{ moves: [{ result: 'undone' }] }] });
    // Nobody waits for a machine that a person knows to be gone.
    expect(settled - asked).toBeLessThan(60_000);
    // It is defined on h1, and written to be on h2.
    expect(next.plan?.refusals).toMatchObject([{ machine: 'du-1' }]);
    loop.repository.commit(documentsOf({ ...cluster, machines: [{ ...duOne('hotplug'), host: null }] }));
    await loop.pass();
    expect(loop.hostOf('du-1')).toBe('h1');
    expect(await loop.atRest(['du-1'])).toEqual([]);
  });

  it('and not for a machine that has run twice, even when one copy is gone by then', async () => {
    const loop = await openSending('vfio-live');
    const frozen = await passLosing(loop, 'migrate', () => {
      loop.simulator.operator.duplicate('du-1', 'h1', 'h2');
      return Promise.resolve();
    });
    expect(frozen.hold?.message).toMatch(/^du-1 runs on h1 and h2: end the copy/);
    loop.simulator.operator.killMachine('h2', 'du-1');
    expect((await loop.pass()).freeze).toMatchObject({ reason: 'MachineRunsTwice', machine: 'du-1' });
    expect((await loop.pass()).hold?.reason).toBe('Frozen');
  });
});
