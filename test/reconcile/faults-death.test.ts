import { describe, expect, it } from 'vitest';
import { type Strategy, unknown } from '../../src/model/index.js';
import { type Bench, duMove, openBench, planOf } from './bench.js';

/** du-1 dies on both hosts in the moment of its switch-over: what is left of it runs nowhere. */
function openDying(): Promise<Bench> {
  return openBench({
    meddle: async (action, next, { simulator }) => {
      if (action.kind !== 'migrate') return next();
      const outcome = await next();
      for (const host of [action.from, action.to]) simulator.operator.killMachine(host, action.machine);
      return outcome.kind === 'done' ? unknown('DeadlineExceeded', 'no answer') : outcome;
    },
  });
}

async function unlock({ ports, records }: Bench): Promise<void> {
  const fence = records.at(-1)?.fence ?? 0;
  await ports.journal.append({ kind: 'unlocked', by: 'operator' }, fence);
}

const strategies: readonly Exclude<Strategy, 'cold'>[] = ['vfio-live', 'hotplug'];

describe('a machine that dies in the moment of its switch-over', () => {
  it.each(strategies)('freezes the cluster until a person has looked (%s)', async (strategy) => {
    const bench = await openDying();
    expect((await bench.execute(planOf([duMove({ strategy })]))).result).toBe('frozen');
    const [again] = await bench.restart();
    expect(again).toMatchObject({ result: 'frozen' });
  });

  it.each(strategies)(
    'is settled once a person has looked: the move is closed and gives back what it reserved (%s, simulation seed 1580)',
    async (strategy) => {
      const bench = await openDying();
      await bench.execute(planOf([duMove({ strategy })]));
      await unlock(bench);
      const [settled] = await bench.restart();
      expect(settled?.moves.map(({ result }) => result)).toEqual(['undone']);
      expect(await bench.restart()).toEqual([]);
      const claimed = (await bench.ports.ledger.read()).filter(({ phase }) => phase !== 'Released');
      expect(claimed.filter(({ machine }) => machine === 'du-1')).toEqual([]);
      expect(bench.simulator.cluster.look().dummies).toEqual([]);
    },
  );

  it('stays frozen after a person has looked while one of its hosts does not answer', async () => {
    const bench = await openDying();
    await bench.execute(planOf([duMove()]));
    await unlock(bench);
    bench.simulator.operator.setHost('h3', 'unknown');
    const [again] = await bench.restart();
    expect(again).toMatchObject({ result: 'frozen' });
  });
});
