import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openMoveLog, publishStatus } from '../../../src/cli/publish.js';
import { SystemClock } from '../../../src/clock/system.js';
import { openSource, openStatusStore } from '../../../src/git/index.js';
import { readConditions } from '../../../src/status/index.js';
import { temporaryFolder } from '../../durable/folder.js';
import { bareRepository } from '../../git/bare-repository.js';
import { describeLab } from '../../lab/describe.js';
import { guestImage } from '../../lab/guest/image.js';
import type { GuestOptions } from '../../lab/guest/machine.js';
import type { LabHost } from '../../lab/namespaces/host.js';
import { until } from '../../lab/namespaces/process-tree.js';
import { openLab, type Lab } from '../../lab/namespaces/lab.js';
import { documentsOf, machineDoc, type ClusterOf } from '../../reconcile/documents-of.js';
import { clear } from './lab-cluster.js';
import { oneMachine, openLabLoop, startGuests, type LabLoop } from './lab-loop.js';

describeLab('the whole loop over real hypervisors', ['guests', 'stand-in functions'], () => {
  let lab: Lab;
  let loop: LabLoop;
  const clock = new SystemClock();
  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
  });
  afterEach(async () => {
    await loop.close();
    await clear(lab.hosts);
  });
  afterAll(() => lab.close());

  async function open(of: ClusterOf, withSystem = false, more: Partial<GuestOptions> = {}): Promise<void> {
    loop = openLabLoop({ hosts: lab.hosts, of });
    await startGuests(lab.hosts, of, withSystem ? await guestImage() : undefined, more);
  }
  /** Memory that takes seconds to be sent at 2 MiB a second. */
  const ballast = (): Partial<GuestOptions> => {
    const file = join(lab.sharedFolder, 'ballast');
    writeFileSync(file, randomBytes(10 * 2 ** 20));
    return { ballast: file };
  };
  const pinned = (of: ClusterOf, host: string | null): string => {
    const [machine] = of.machines;
    if (machine === undefined) throw new Error('there is no machine');
    return machineDoc({ ...machine, host });
  };
  const send = (of: ClusterOf, host: string | null): string =>
    loop.repository.commit({ 'machines/cu-1.yaml': pinned(of, host) });

  it.each([
    ['vfio-live', 64, false],
    ['hotplug', 96, true],
    ['cold', 64, false],
  ] as const)('carries out a commit by %s, and says so in a status commit', async (strategy, memoryMiB, withSystem) => {
    const of = oneMachine(strategy, memoryMiB);
    await open(of, withSystem);
    const folder = temporaryFolder();
    const repository = bareRepository(join(folder, 'source.git'));
    const first = repository.commit(null, documentsOf(of));
    repository.setBranch('main', first);
    const location = { location: repository.path, cacheDir: join(folder, 'cache') };
    const source = await openSource({ ...location, branch: 'main' });
    expect(await loop.pass({ source })).toMatchObject({ hold: null, revision: first, plan: { moves: [] } });
    const second = repository.commit(first, { 'machines/cu-1.yaml': pinned(of, 'h2') });
    repository.setBranch('main', second);
    const before = (await loop.look()).machines[0]?.assignments[0];

    const log = openMoveLog();
    const facts = await loop.pass({ source, onProgress: (event) => log.record(event) });
    expect(facts).toMatchObject({ hold: null, revision: second, execution: { result: 'succeeded' } });
    const store = await openStatusStore({
      ...location,
      branch: 'berth-status',
      author: { name: 'Berth', email: 'berth@example.com' },
      credentials: null,
      clock: clock,
      random: () => 0.5,
    });
    const { commit } = await publishStatus(store, facts, log.results());
    expect(commit).toBe(repository.tip('berth-status'));
    const status = repository.git(['show', 'berth-status:clusters/test/machines/cu-1.yaml']);
    expect(readConditions(status)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'Ready', status: 'True', observedRevision: second }),
        expect.objectContaining({ type: 'Migrated', status: 'True' }),
      ]),
    );
    const [after] = (await loop.look()).machines;
    expect(after).toMatchObject({ host: 'h2', state: 'running', staged: [] });
    expect(after?.assignments).toMatchObject([{ mac: before?.mac, guestAddress: before?.guestAddress }]);
    expect(await loop.atRest(['cu-1'])).toEqual([]);
  });

  describe('survives a controller that is killed', () => {
    /** Kills a controller at boundaries of a move, one after the other; each time the next one settles what is open. */
    async function killAt(of: ClusterOf, isAsked: (boundary: string) => boolean): Promise<number> {
      await loop.pass();
      send(of, 'h2');
      await loop.pass();
      const asked = loop.boundaries.filter(({ name }) => isAsked(name));
      for (const { number } of asked) {
        const [from = '', to = ''] = (await loop.hostOf('cu-1')) === 'h1' ? ['h1', 'h2'] : ['h2', 'h1'];
        send(of, to);
        const facts = await loop.survive({ killAt: number });
        const where = `${from} to ${to}, killed at ${number}, ${loop.boundaries.at(-1)?.name ?? ''}`;
        expect(facts, where).toBeNull();
        // Nobody asks for the move any more: so what is done now is to settle what the killed one began.
        send(of, null);
        const next = await loop.pass();
        expect(next, where).toMatchObject({ hold: null, plan: { moves: [] } });
        expect(await loop.atRest(['cu-1']), where).toEqual([]);
      }
      return asked.length;
    }

    it('after every journal record, ledger swap and call of a vfio-live move', { timeout: 900_000 }, async () => {
      const of = oneMachine('vfio-live', 64);
      await open(of);
      // A fabric call has no effect here: to be killed after it is the same as after the intent.
      const kills = await killAt(of, (name) => name.startsWith('after ') && !name.includes('fabric'));
      expect(kills).toBeGreaterThan(35);
    });

    it('around every call of a hotplug move, with a guest that lets go of its VF', { timeout: 600_000 }, async () => {
      const of = oneMachine('hotplug', 96);
      await open(of, true);
      expect(await killAt(of, (name) => /hypervisor (detach|migrate|decommission|attach)/.test(name))).toBe(8);
    });

    it('around every call of a cold move', { timeout: 600_000 }, async () => {
      const of = oneMachine('cold', 64);
      await open(of);
      expect(await killAt(of, (name) => /hypervisor (stop|decommission|start|undefine)/.test(name))).toBe(8);
    });

    it('while memory is on its way: the next one waits for the migration and goes on from where it ends', async () => {
      const of = oneMachine('vfio-live', 64, ['bandwidthMibps: 2']);
      await open(of, false, ballast());
      await loop.pass();
      send(of, 'h2');
      const facts = await loop.survive({ killOn: ({ kind }) => kind === 'step-progress' });
      expect(facts).toBeNull();
      const { machines } = await loop.look();
      expect(machines.map(({ host, state }) => `${host} ${state}`).sort()).toEqual(['h1 running', 'h2 incoming']);
      const next = await loop.pass();
      expect(next.recovered).toMatchObject([{ result: 'succeeded', moves: [{ result: 'succeeded' }] }]);
      expect(await loop.hostOf('cu-1')).toBe('h2');
      expect(await loop.atRest(['cu-1'])).toEqual([]);
    });
  });

  describe('with memory on its way', () => {
    const [left, right] = [() => lab.hosts[0] as LabHost, () => lab.hosts[1] as LabHost];
    it.each([
      ['the target daemon is killed', 'vfio-live', () => right().killDaemon(), () => right().startDaemon()],
      ['the source daemon is killed', 'vfio-live', () => left().killDaemon(), () => left().startDaemon()],
      ['the source daemon is killed', 'hotplug', () => left().killDaemon(), () => left().startDaemon()],
      ['the link of the target is cut', 'vfio-live', () => lab.link.cut(right()), () => lab.link.restore(right())],
    ])(
      'comes to rest with one copy when %s (%s), and the next pass makes the move',
      async (_fault, strategy, disturb, mend) => {
        const of = oneMachine(strategy, strategy === 'hotplug' ? 96 : 64, ['bandwidthMibps: 2']);
        await (strategy === 'hotplug' ? open(of, true) : open(of, false, ballast()));
        await loop.pass();
        send(of, 'h2');
        const disturbances: Promise<void>[] = [];
        const disturbing = async (): Promise<void> => {
          await disturb();
          await clock.sleep(6000);
          await mend();
        };
        const facts = await loop.pass({
          onProgress: ({ kind }) => {
            if (kind === 'step-progress' && disturbances.length === 0) disturbances.push(disturbing());
          },
        });
        await Promise.all(disturbances);
        expect(disturbances).toHaveLength(1);
        expect(facts.hold).toBeNull();
        await until('not all hosts answer', 60_000, async () =>
          (await loop.look()).hosts.every(({ state }) => state === 'up'),
        );
        const next = await loop.pass();
        expect(next.hold).toBeNull();
        expect(await loop.hostOf('cu-1')).toBe('h2');
        expect(await loop.atRest(['cu-1'])).toEqual([]);
      },
    );

    it.each([
      ['vfio-live', 64],
      ['hotplug', 96],
    ] as const)(
      'freezes while nobody can ask the source, and goes on without anybody unlocking once it answers (%s)',
      { timeout: 600_000 },
      async (strategy, memoryMiB) => {
        const of = oneMachine(strategy, memoryMiB, ['bandwidthMibps: 2']);
        await (strategy === 'hotplug' ? open(of, true) : open(of, false, ballast()));
        await loop.pass();
        send(of, 'h2');
        const disturbances: Promise<void>[] = [];
        const facts = await loop.pass({
          onProgress: ({ kind }) => {
            if (kind === 'step-progress' && disturbances.length === 0) disturbances.push(left().killDaemon());
          },
        });
        await Promise.all(disturbances);
        const silent = 'nobody knows where cu-1 runs, because h1 does not answer';
        expect(facts.hold).toMatchObject({ reason: 'Frozen', message: expect.stringContaining(silent) as string });
        const notes = loop.progress.flatMap((event) => (event.kind === 'note' ? [event.message] : []));
        expect(notes.join('\n')).toContain(silent);
        expect((await loop.pass()).hold?.reason).toBe('Frozen');

        await left().startDaemon();
        await until('not all hosts answer', 60_000, async () =>
          (await loop.look()).hosts.every(({ state }) => state === 'up'),
        );
        const next = await loop.pass();
        expect(next).toMatchObject({ hold: null, freeze: null, recovered: [{ moves: [{ result: 'undone' }] }] });
        expect(loop.records.map(({ kind }) => kind)).not.toContain('unlocked');
        expect(await loop.hostOf('cu-1')).toBe('h2');
        expect(await loop.atRest(['cu-1'])).toEqual([]);
      },
    );

    // Berth reaches the hosts of a lab without their network.
    const cutOff = async (): Promise<void> => {
      await right().killDaemon('STOP');
      await lab.link.cut(right());
    };
    const rejoin = async (): Promise<void> => {
      await lab.link.restore(right());
      await right().killDaemon('CONT');
    };
    it.each([
      ['the target daemon is killed', () => right().killDaemon(), () => right().startDaemon()],
      ['the target loses its power', () => right().crash(), () => right().boot()],
      ['the target is cut off, and what has come of the copy stays there', cutOff, rejoin],
    ])(
      'has its card back without anybody unlocking when %s during a hotplug move',
      { timeout: 600_000 },
      async (_fault, disturb, mend) => {
        const of = oneMachine('hotplug', 96, ['bandwidthMibps: 2']);
        // What its system has in memory takes long enough.
        await open(of, true);
        await loop.pass();
        const [before] = (await loop.look()).machines;
        expect(before?.assignments).toHaveLength(1);
        send(of, 'h2');
        const disturbances: Promise<void>[] = [];
        const facts = await loop.pass({
          onProgress: ({ kind }) => {
            if (kind === 'step-progress' && disturbances.length === 0) disturbances.push(disturb());
          },
        });
        await Promise.all(disturbances);
        expect(facts).toMatchObject({ hold: null, freeze: null, execution: { moves: [{ result: 'undone' }] } });
        const migrations = loop.records.filter((one) => one.kind === 'outcome' && one.step.endsWith('/migrate'));
        expect(migrations[0]).toMatchObject({ outcome: { kind: 'failed', code: 'HostUnreachable', certain: true } });
        const isBack = { host: 'h1', state: 'running', assignments: before?.assignments, staged: [] };
        expect((await loop.look()).machines).toMatchObject([isBack]);
        const claimed = async () =>
          (await loop.ledger.read()).filter(({ host, phase }) => host === 'h2' && phase !== 'Released');
        expect(await claimed()).toMatchObject([{ machine: 'cu-1' }]);

        const meanwhile = await loop.pass();
        expect(meanwhile).toMatchObject({ freeze: null, recovered: [], plan: { moves: [] } });
        expect((await loop.look()).machines).toMatchObject([isBack]);
        expect(await claimed()).toHaveLength(1);

        await mend();
        await until('the hosts are not as before', 60_000, async () => {
          const { hosts, machines } = await loop.look();
          return hosts.every(({ state }) => state === 'up') && machines.length === 1;
        });
        const next = await loop.pass();
        expect(next).toMatchObject({ hold: null, execution: { result: 'succeeded' } });
        expect(await loop.hostOf('cu-1')).toBe('h2');
        expect(await loop.atRest(['cu-1'])).toEqual([]);
      },
    );

    it('is undone at the deadline of its step, and the machine has its VF', async () => {
      const of = oneMachine('vfio-live', 64, ['bandwidthMibps: 1', 'deadlines: { baseSeconds: 2, secondsPerGiB: 0 }']);
      await open(of, false, ballast());
      await loop.pass();
      const [before] = (await loop.look()).machines;
      send(of, 'h2');
      const facts = await loop.pass();
      expect(facts.execution).toMatchObject({ result: 'failed', moves: [{ result: 'undone' }] });
      const [after] = (await loop.look()).machines;
      expect(after).toMatchObject({ host: 'h1', state: 'running', assignments: before?.assignments });
      expect(await loop.atRest(['cu-1'])).toEqual([]);
    });
  });
});
