import { describe, expect, it } from 'vitest';
import { type Strategy, unknown } from '../../src/model/index.js';
import { type Bench, duMove, macOf, openBench, planOf, vf } from './bench.js';
import { Killed } from './mortal.js';

interface Ending {
  /** The moment of the migration in which the target loses its power; nobody is told. */
  readonly phase?: 'copying' | 'switching';
  /** The driver has no proof, or the answer is lost. */
  readonly silent?: boolean;
}

/** h3 loses its power while du-1 is on its way there: it does not answer, and nobody can tell what runs there. */
function openLosing({ phase = 'copying', silent = false }: Ending = {}): Promise<Bench> {
  return openBench({
    meddle: async (action, next, { simulator, clock }) => {
      if (action.kind !== 'migrate') return next();
      const answer = next();
      for (let look = 0; simulator.cluster.look().migrations[0]?.copy.phase.kind !== phase; look++) {
        if (look > 100_000) throw new Error(`du-1 was never ${phase}`);
        await clock.sleep(5);
      }
      simulator.operator.setHost('h3', 'down');
      simulator.operator.setHost('h3', 'unknown');
      const outcome = await answer;
      return silent ? unknown('HostUnreachable', 'no answer') : outcome;
    },
  });
}

const devicesOf = (bench: Bench): readonly string[] =>
  bench.simulator.cluster
    .look()
    .machines.filter(({ name, host }) => name === 'du-1' && host === 'h1')
    .flatMap(({ assignments }) => assignments.map(({ device }) => device));
const isFrozen = ({ records }: Bench): boolean => records.some(({ kind }) => kind === 'frozen');
const claimOnTarget = async ({ ports }: Bench) =>
  (await ports.ledger.read()).find(({ host, device }) => host === 'h3' && device === vf(1));

const strategies: readonly Exclude<Strategy, 'cold'>[] = ['vfio-live', 'hotplug'];

describe('a target that loses its power mid-copy, of which the driver has proof that nothing runs there', () => {
  it.each(strategies)('leaves the machine on the source with its VF, and freezes nothing (%s)', async (strategy) => {
    const bench = await openLosing();
    const result = await bench.execute(planOf([duMove({ strategy })]));
    expect(result.moves).toMatchObject([
      { result: 'undone', message: expect.stringMatching(/h3 went down; swept up once h3 answers: /) as string },
    ]);
    expect(isFrozen(bench)).toBe(false);
    expect(bench.hostOf('du-1')).toBe('h1');
    expect(devicesOf(bench)).toEqual([vf(0)]);
  });

  it('gives the VF back at once: before anything else is undone, and without another attempt', async () => {
    const bench = await openLosing();
    await bench.execute(planOf([duMove({ strategy: 'hotplug' })]));
    const failedAt = bench.records.find((one) => one.kind === 'outcome' && one.outcome.kind === 'failed')?.at ?? NaN;
    const attach = bench.records.find(
      (one) => one.kind === 'outcome' && one.direction === 'undo' && one.step.includes('detach'),
    );
    expect((attach?.at ?? NaN) - failedAt).toBeLessThan(5_000);
    expect(bench.events.filter((event) => event.startsWith('migrate du-1'))).toHaveLength(1);
  });

  it.each([
    ['vfio-live', 'HandingOver'],
    ['hotplug', 'Held'],
  ] as const)('keeps the reservation until it answers; then all is swept up (%s)', async (strategy, phase) => {
    const bench = await openLosing();
    await bench.execute(planOf([duMove({ strategy })]));
    expect(await bench.restart()).toEqual([]);
    expect(await claimOnTarget(bench)).toMatchObject({ machine: 'du-1', phase });
    bench.simulator.operator.setHost('h3', 'up');
    expect(await bench.restart()).toEqual([]);
    expect(await claimOnTarget(bench)).toMatchObject({ phase: 'Released' });
    expect(await bench.atRest()).toEqual([]);
  });

  it('does not keep the machine: another move carries it elsewhere meanwhile', async () => {
    const bench = await openLosing();
    await bench.execute(planOf([duMove({ strategy: 'hotplug' })]));
    const elsewhere = duMove({ to: 'h2', device: { from: vf(0), to: vf(2), mac: macOf('du-1') }, strategy: 'cold' });
    const second = await bench.execute(planOf([elsewhere], {}, 'plan-2'));
    expect(second.moves).toMatchObject([{ result: 'succeeded' }]);
    bench.simulator.operator.setHost('h3', 'up');
    expect(await bench.restart()).toEqual([]);
    expect(bench.hostOf('du-1')).toBe('h2');
    expect(isFrozen(bench)).toBe(false);
    expect(await bench.atRest()).toEqual([]);
  });

  it('is settled by the next controller when the first dies with the proof in the journal', async () => {
    const whole = await openLosing();
    await whole.execute(planOf([duMove({ strategy: 'hotplug' })]));
    const names = whole.boundaries();
    const asked = names.findIndex(({ name }) => name === 'after hypervisor migrate');
    const written = names.slice(asked).find(({ name }) => name === 'after journal outcome')?.number;
    const bench = await openLosing();
    await expect(bench.execute(planOf([duMove({ strategy: 'hotplug' })]), written)).rejects.toBeInstanceOf(Killed);
    expect(devicesOf(bench)).toEqual([]);
    const [settled] = await bench.restart();
    expect(settled?.moves).toMatchObject([{ result: 'undone' }]);
    expect(isFrozen(bench)).toBe(false);
    expect(devicesOf(bench)).toEqual([vf(0)]);
  });
});

describe('a target that loses its power, of which nobody has proof', () => {
  it.each([
    { reason: 'no answer came', ending: { silent: true } },
    { reason: 'the machine was going over already', ending: { phase: 'switching' } },
  ] as const)('freezes until a person has looked, because $reason', async ({ ending }) => {
    const bench = await openLosing(ending);
    const result = await bench.execute(planOf([duMove({ strategy: 'hotplug' })]));
    expect(result.result).toBe('frozen');
    expect(devicesOf(bench)).toEqual([]);
  });
});
