import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../src/model/index.js';
import { duMove, openBench, planOf, vf, macOf } from './bench.js';

const strategies: readonly Strategy[] = ['vfio-live', 'failover', 'hotplug', 'cold'];

describe('carrying out a plan', () => {
  it.each(strategies)('moves a machine and its device by %s and leaves nothing behind', async (strategy) => {
    const bench = await openBench();
    if (strategy === 'failover') bench.simulator.operator.setGuest('du-1', { standby: true });
    const result = await bench.execute(planOf([duMove({ strategy })]));
    expect(result.moves).toMatchObject([
      { move: 'du-1.1', machine: 'du-1', from: 'h1', to: 'h3', result: 'succeeded', message: '' },
    ]);
    expect(bench.hostOf('du-1')).toBe('h3');
    expect(await bench.atRest()).toEqual([]);
  });

  it('moves machines without devices, and several machines side by side', async () => {
    const bench = await openBench();
    const plan = planOf([
      duMove(),
      { machine: 'cu-1', from: 'h2', to: 'h3', device: { from: vf(0), to: vf(2), mac: macOf('cu-1') } },
      { machine: 'db-1', from: 'h1', to: 'h2' },
    ]);
    const result = await bench.execute(plan);
    expect(result.result).toBe('succeeded');
    expect(['du-1', 'cu-1', 'db-1'].map((name) => bench.hostOf(name))).toEqual(['h3', 'h3', 'h2']);
    expect(await bench.atRest()).toEqual([]);
  });
});
