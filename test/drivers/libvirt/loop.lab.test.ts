import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openMoveLog, publishStatus } from '../../../src/cli/publish.js';
import { SystemClock } from '../../../src/clock/system.js';
import { openSource, openStatusStore } from '../../../src/git/index.js';
import { readConditions } from '../../../src/status/index.js';
import { temporaryFolder } from '../../durable/folder.js';
import { bareRepository } from '../../git/bare-repository.js';
import { describeLab } from '../../lab/describe.js';
import { documentsOf, type ClusterOf } from '../../reconcile/documents-of.js';
import { oneMachine } from './lab-loop.js';
import { pinned, useStage } from './stage.js';

describeLab('the whole loop over real hypervisors', ['guests', 'stand-in functions'], () => {
  const stage = useStage();
  const clock = new SystemClock();

  it.each([
    ['vfio-live', 64, false],
    ['hotplug', 96, true],
    ['cold', 64, false],
  ] as const)('carries out a commit by %s, and says so in a status commit', async (strategy, memoryMiB, withSystem) => {
    const of = oneMachine(strategy, memoryMiB);
    await stage.open(of, withSystem);
    const folder = temporaryFolder();
    const repository = bareRepository(join(folder, 'source.git'));
    const first = repository.commit(null, documentsOf(of));
    repository.setBranch('main', first);
    const location = { location: repository.path, cacheDir: join(folder, 'cache') };
    const source = await openSource({ ...location, branch: 'main' });
    expect(await stage.loop.pass({ source })).toMatchObject({ hold: null, revision: first, plan: { moves: [] } });
    const second = repository.commit(first, { 'machines/cu-1.yaml': pinned(of, 'h2') });
    repository.setBranch('main', second);
    const before = (await stage.loop.look()).machines[0]?.assignments[0];

    const log = openMoveLog();
    const facts = await stage.loop.pass({ source, onProgress: (event) => log.record(event) });
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
    const [after] = (await stage.loop.look()).machines;
    expect(after).toMatchObject({ host: 'h2', state: 'running', staged: [] });
    expect(after?.assignments).toMatchObject([{ mac: before?.mac, guestAddress: before?.guestAddress }]);
    expect(await stage.loop.atRest(['cu-1'])).toEqual([]);
  });

  describe('survives a controller that is killed', () => {
    /** Kills a controller at boundaries of a move, one after the other; each time the next one settles what is open. */
    async function killAt(of: ClusterOf, isAsked: (boundary: string) => boolean): Promise<number> {
      await stage.loop.pass();
      stage.send(of, 'h2');
      await stage.loop.pass();
      const asked = stage.loop.boundaries.filter(({ name }) => isAsked(name));
      for (const { number } of asked) {
        const [from = '', to = ''] = (await stage.loop.hostOf('cu-1')) === 'h1' ? ['h1', 'h2'] : ['h2', 'h1'];
        stage.send(of, to);
        const facts = await stage.loop.survive({ killAt: number });
        const where = `${from} to ${to}, killed at ${number}, ${stage.loop.boundaries.at(-1)?.name ?? ''}`;
        expect(facts, where).toBeNull();
        // Nobody asks for the move any more: so what is done now is to settle what the killed one began.
        stage.send(of, null);
        const next = await stage.loop.pass();
        expect(next, where).toMatchObject({ hold: null, plan: { moves: [] } });
        expect(await stage.loop.atRest(['cu-1']), where).toEqual([]);
      }
      return asked.length;
    }

    it('after every journal record, ledger swap and call of a vfio-live move', { timeout: 900_000 }, async () => {
      const of = oneMachine('vfio-live', 64);
      await stage.open(of);
      // A fabric call has no effect here: to be killed after it is the same as after the intent.
      const kills = await killAt(of, (name) => name.startsWith('after ') && !name.includes('fabric'));
      expect(kills).toBeGreaterThan(35);
    });

    it('around every call of a hotplug move, with a guest that lets go of its VF', { timeout: 600_000 }, async () => {
      const of = oneMachine('hotplug', 96);
      await stage.open(of, true);
      expect(await killAt(of, (name) => /hypervisor (detach|migrate|decommission|attach)/.test(name))).toBe(8);
    });

    it('around every call of a cold move', { timeout: 600_000 }, async () => {
      const of = oneMachine('cold', 64);
      await stage.open(of);
      expect(await killAt(of, (name) => /hypervisor (stop|decommission|start|undefine)/.test(name))).toBe(8);
    });

    it('while memory is on its way: the next one waits for the migration and goes on from where it ends', async () => {
      const of = oneMachine('vfio-live', 64, ['bandwidthMibps: 2']);
      await stage.open(of, false, stage.ballast());
      await stage.loop.pass();
      stage.send(of, 'h2');
      const facts = await stage.loop.survive({ killOn: ({ kind }) => kind === 'step-progress' });
      expect(facts).toBeNull();
      const { machines } = await stage.loop.look();
      expect(machines.map(({ host, state }) => `${host} ${state}`).sort()).toEqual(['h1 running', 'h2 incoming']);
      const next = await stage.loop.pass();
      expect(next.recovered).toMatchObject([{ result: 'succeeded', moves: [{ result: 'succeeded' }] }]);
      expect(await stage.loop.hostOf('cu-1')).toBe('h2');
      expect(await stage.loop.atRest(['cu-1'])).toEqual([]);
    });
  });
});
