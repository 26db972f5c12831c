import { describe, expect, it } from 'vitest';
import { beginMigration } from '../../../src/drivers/simulator/migration.js';
import { openSimulator } from '../../../src/drivers/simulator/simulator.js';
import { host, scenarioOf, vm } from './cluster-of.js';
import { migrate } from './orders.js';

describe('two migrations that end at one instant', () => {
  it('end once each, although whoever hears of an end looks at the cluster', () => {
    const ended: string[] = [];
    let now = 0;
    const simulator = openSimulator({
      scenario: scenarioOf(
        ['a', 'b', 'c', 'd'].map((name) => host(name)),
        [vm('m', 'a'), vm('n', 'c')],
      ),
      stateFile: null,
      clock: { now: () => now, sleep: () => new Promise(() => undefined) },
      seed: 1,
      faults: { kind: 'none' },
      onEvent: ({ message }) => {
        if (message.endsWith('arrived')) ended.push(message);
        simulator.cluster.look();
      },
    });
    now = simulator.cluster.look().at;
    const times = { setupMs: 300, switchoverMs: 20 };
    for (const action of [migrate('m', 'a', 'b'), migrate('n', 'c', 'd')])
      expect(simulator.cluster.change((state) => beginMigration(state, action, times)).kind).toBe('begun');
    now += 3_600_000;
    const { machines, migrations } = simulator.cluster.look();
    expect(ended).toEqual(['migration of m from a to b: arrived', 'migration of n from c to d: arrived']);
    expect(migrations).toEqual([]);
    expect(machines.filter(({ state }) => state === 'running').map(({ name, host: on }) => `${name} ${on}`)).toEqual([
      'm b',
      'n d',
    ]);
  });
});
