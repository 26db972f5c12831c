// `npm run simulate -- --seeds A..B`: vitest loads the TypeScript and stays silent; the range prints for itself.
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1..100' } } });
process.env.BERTH_SEEDS = values.seeds;
const vitest = await startVitest('test', [], {
  config: false,
  root: new URL('../..', import.meta.url).pathname,
  include: ['test/simulation/seeds.ts'],
  reporters: [{}],
  disableConsoleIntercept: true,
  testTimeout: 0,
  watch: false,
});
await vitest.close();
