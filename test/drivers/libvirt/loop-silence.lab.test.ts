import { expect, it } from 'vitest';
import { describeLab } from '../../lab/describe.js';
import type { LabHost } from '../../lab/namespaces/host.js';
import { until } from '../../lab/namespaces/process-tree.js';
import { oneMachine } from './lab-loop.js';
import { useStage } from './stage.js';

describeLab('the whole loop, with a host that stays silent', ['guests', 'stand-in functions'], () => {
  const stage = useStage();
  const [left, right] = [() => stage.lab.hosts[0] as LabHost, () => stage.lab.hosts[1] as LabHost];
  /** The silence outlasts every patience of a pass. */
  const hasty = { longestPauseMs: 3000 };

  it.each([
    ['vfio-live', 64],
    ['hotplug', 96],
  ] as const)(
    'freezes while nobody can ask the source, and goes on without anybody unlocking once it answers (%s)',
    { timeout: 600_000 },
    async (strategy, memoryMiB) => {
      const of = oneMachine(strategy, memoryMiB, ['bandwidthMibps: 2']);
      await (strategy === 'hotplug'
        ? stage.open(of, true, hasty)
        : stage.open(of, false, { ...stage.ballast(), ...hasty }));
      await stage.loop.pass();
      stage.send(of, 'h2');
      const disturbances: Promise<void>[] = [];
      const facts = await stage.loop.pass({
        onProgress: ({ kind }) => {
          if (kind === 'step-progress' && disturbances.length === 0) disturbances.push(left().killDaemon());
        },
      });
      await Promise.all(disturbances);
      const silent = 'nobody knows where cu-1 runs, because h1 does not answer';
      expect(facts.hold).toMatchObject({ reason: 'Frozen', message: expect.stringContaining(silent) as string });
      const notes = stage.loop.progress.flatMap((event) => (event.kind === 'note' ? [event.message] : []));
      expect(notes.join('\n')).toContain(silent);
      expect((await stage.loop.pass()).hold?.reason).toBe('Frozen');

      await left().startDaemon();
      await until('not all hosts answer', 60_000, async () =>
        (await stage.loop.look()).hosts.every(({ state }) => state === 'up'),
      );
      const next = await stage.loop.pass();
      expect(next).toMatchObject({ hold: null, freeze: null, recovered: [{ moves: [{ result: 'undone' }] }] });
      expect(stage.loop.records.map(({ kind }) => kind)).not.toContain('unlocked');
      expect(await stage.loop.hostOf('cu-1')).toBe('h2');
      expect(await stage.loop.atRest(['cu-1'])).toEqual([]);
    },
  );

  // Berth reaches the hosts of a lab without their network.
  const cutOff = async (): Promise<void> => {
    await right().killDaemon('STOP');
    await stage.lab.link.cut(right());
  };
  const rejoin = async (): Promise<void> => {
    await stage.lab.link.restore(right());
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
      await stage.open(of, true, hasty);
      await stage.loop.pass();
      const [before] = (await stage.loop.look()).machines;
      expect(before?.assignments).toHaveLength(1);
      stage.send(of, 'h2');
      const disturbances: Promise<void>[] = [];
      const facts = await stage.loop.pass({
        onProgress: ({ kind }) => {
          if (kind === 'step-progress' && disturbances.length === 0) disturbances.push(disturb());
        },
      });
      await Promise.all(disturbances);
      expect(facts).toMatchObject({ hold: null, freeze: null, execution: { moves: [{ result: 'undone' }] } });
      const migrations = stage.loop.records.filter((one) => one.kind === 'outcome' && one.step.endsWith('/migrate'));
      expect(migrations[0]).toMatchObject({ outcome: { kind: 'failed', code: 'HostUnreachable', certain: true } });
      const isBack = { host: 'h1', state: 'running', assignments: before?.assignments, staged: [] };
      expect((await stage.loop.look()).machines).toMatchObject([isBack]);
      const claimed = async () =>
        (await stage.loop.ledger.read()).filter(({ host, phase }) => host === 'h2' && phase !== 'Released');
      expect(await claimed()).toMatchObject([{ machine: 'cu-1' }]);

      const meanwhile = await stage.loop.pass();
      expect(meanwhile).toMatchObject({ freeze: null, recovered: [], plan: { moves: [] } });
      expect((await stage.loop.look()).machines).toMatchObject([isBack]);
      expect(await claimed()).toHaveLength(1);

      await mend();
      await until('the hosts are not as before', 60_000, async () => {
        const { hosts, machines } = await stage.loop.look();
        return hosts.every(({ state }) => state === 'up') && machines.length === 1;
      });
      const next = await stage.loop.pass();
      expect(next).toMatchObject({ hold: null, execution: { result: 'succeeded' } });
      expect(await stage.loop.hostOf('cu-1')).toBe('h2');
      expect(await stage.loop.atRest(['cu-1'])).toEqual([]);
    },
  );
});
