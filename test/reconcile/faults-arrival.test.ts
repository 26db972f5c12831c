import { describe, expect, it } from 'vitest';
import { type Bench, duMove, openBench, planOf } from './bench.js';

/** du-1 has arrived on h3; right before it is announced there it dies. */
function openDying(): Promise<Bench> {
  return openBench({
    meddle: async (action, next, { simulator }) => {
      if (action.kind === 'announce') simulator.operator.killMachine('h3', 'du-1');
      return next();
    },
  });
}

describe('a machine that dies after it has arrived', () => {
  it('does not keep its move open for ever: the source is given back, and no pass tries again (simulation seeds 404, 670)', async () => {
    const bench = await openDying();
    await bench.execute(planOf([duMove()]));
    await bench.restart();
    expect(await bench.restart()).toEqual([]);
    expect((await bench.atRest()).filter((line) => line.includes('h1'))).toEqual([]);
  });
});
