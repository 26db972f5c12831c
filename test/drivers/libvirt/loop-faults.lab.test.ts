import { expect, it } from 'vitest';
import { describeLab } from '../../lab/describe.js';
import type { LabHost } from '../../lab/namespaces/host.js';
import { until } from '../../lab/namespaces/process-tree.js';
import { SystemClock } from '../../../src/clock/system.js';
import { oneMachine } from './lab-loop.js';
import { useStage } from './stage.js';

describeLab('the whole loop, with memory on its way when something breaks', ['guests', 'stand-in functions'], () => {
  const stage = useStage();
  const clock = new SystemClock();
  const [left, right] = [() => stage.lab.hosts[0] as LabHost, () => stage.lab.hosts[1] as LabHost];
  it.each([
    ['the target daemon is killed', 'vfio-live', () => right().killDaemon(), () => right().startDaemon()],
    ['the source daemon is killed', 'vfio-live', () => left().killDaemon(), () => left().startDaemon()],
    ['the source daemon is killed', 'hotplug', () => left().killDaemon(), () => left().startDaemon()],
    [
      'the link of the target is cut',
      'vfio-live',
      () => stage.lab.link.cut(right()),
      () => stage.lab.link.restore(right()),
    ],
  ])(
    'comes to rest with one copy when %s (%s), and the next pass makes the move',
    async (_fault, strategy, disturb, mend) => {
      const of = oneMachine(strategy, strategy === 'hotplug' ? 96 : 64, ['bandwidthMibps: 2']);
      await (strategy === 'hotplug' ? stage.open(of, true) : stage.open(of, false, stage.ballast()));
      await stage.loop.pass();
      stage.send(of, 'h2');
      const disturbances: Promise<void>[] = [];
      const disturbing = async (): Promise<void> => {
        await disturb();
        await clock.sleep(6000);
        await mend();
      };
      const facts = await stage.loop.pass({
        onProgress: ({ kind }) => {
          if (kind === 'step-progress' && disturbances.length === 0) disturbances.push(disturbing());
        },
      });
      await Promise.all(disturbances);
      expect(disturbances).toHaveLength(1);
      expect(facts.hold).toBeNull();
      await until('not all hosts answer', 60_000, async () =>
        (await stage.loop.look()).hosts.every(({ state }) => state === 'up'),
      );
      const next = await stage.loop.pass();
      expect(next.hold).toBeNull();
      expect(await stage.loop.hostOf('cu-1')).toBe('h2');
      expect(await stage.loop.atRest(['cu-1'])).toEqual([]);
    },
  );

  it('is undone at the deadline of its step, and the machine has its VF', async () => {
    const of = oneMachine('vfio-live', 64, ['bandwidthMibps: 1', 'deadlines: { baseSeconds: 2, secondsPerGiB: 0 }']);
    await stage.open(of, false, stage.ballast());
    await stage.loop.pass();
    const [before] = (await stage.loop.look()).machines;
    stage.send(of, 'h2');
    const facts = await stage.loop.pass();
    expect(facts.execution).toMatchObject({ result: 'failed', moves: [{ result: 'undone' }] });
    const [after] = (await stage.loop.look()).machines;
    expect(after).toMatchObject({ host: 'h1', state: 'running', assignments: before?.assignments });
    expect(await stage.loop.atRest(['cu-1'])).toEqual([]);
  });
});
