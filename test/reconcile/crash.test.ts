import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../src/model/index.js';
import { type Bench, duMove, macOf, openBench, planOf, vf } from './bench.js';
import { Killed } from './mortal.js';

const strategies: readonly Strategy[] = ['vfio-live', 'failover', 'hotplug', 'cold'];

async function killed(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}

async function benchFor(strategy: Strategy): Promise<Bench> {
  const bench = await openBench();
  if (strategy === 'failover') bench.simulator.operator.setGuest('du-1', { standby: true });
  return bench;
}

async function boundariesOf(strategy: Strategy): Promise<number> {
  const bench = await benchFor(strategy);
  await bench.execute(planOf([duMove({ strategy })]));
  return bench.boundaries().length;
}

describe('claim 25 of the fault list and promise 1 (security.md): a controller that is killed', () => {
  it.each(strategies)(
    'at any boundary of a %s move is recovered: nothing twice, nothing lost, nothing leaked',
    async (strategy) => {
      const count = await boundariesOf(strategy);
      expect(count).toBeGreaterThan(60);
      for (let killAt = 1; killAt <= count; killAt++) {
        const bench = await benchFor(strategy);
        expect(await killed(bench.execute(planOf([duMove({ strategy })]), killAt))).toBe(true);
        const where = `${strategy}, ${bench.boundaries().at(-1)?.name ?? ''} (${killAt})`;
        const results = await bench.restart();
        expect(
          results.map((result) => result.result),
          where,
        ).not.toContain('frozen');
        expect(await bench.atRest(), where).toEqual([]);
        expect(['h1', 'h3'], where).toContain(bench.hostOf('du-1'));
      }
    },
  );

  it.each(strategies)('at any boundary of a recovery of a %s move is recovered again', async (strategy) => {
    const count = await boundariesOf(strategy);
    for (let first = 2; first <= count; first += 5) {
      for (let second = 1; ; second++) {
        const bench = await benchFor(strategy);
        await killed(bench.execute(planOf([duMove({ strategy })]), first));
        const again = await killed(bench.restart(second));
        const where = `${strategy}, killed at ${first}, then at ${second}: ${bench.boundaries().at(-1)?.name ?? ''}`;
        if (again) await bench.restart();
        expect(await bench.atRest(), where).toEqual([]);
        if (!again) break;
      }
    }
  });

  it('in the middle of several moves is recovered, whichever boundary it was', async () => {
    const plan = planOf([
      duMove(),
      {
        machine: 'cu-1',
        from: 'h2',
        to: 'h3',
        strategy: 'cold',
        device: { from: vf(0), to: vf(2), mac: macOf('cu-1') },
      },
      { machine: 'db-1', from: 'h1', to: 'h2' },
    ]);
    const whole = await openBench();
    await whole.execute(plan);
    for (let killAt = 1; killAt <= whole.boundaries().length; killAt++) {
      const bench = await openBench();
      await killed(bench.execute(plan, killAt));
      await bench.restart();
      expect(await bench.atRest(), `killed at ${killAt}: ${bench.boundaries().at(-1)?.name ?? ''}`).toEqual([]);
    }
  });
});
