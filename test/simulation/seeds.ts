import { expect, it } from 'vitest';
import { simulateRange } from './range.js';

it('keeps every promise', async () => {
  const exitCode = await simulateRange(process.env['BERTH_SEEDS'] ?? '', (line) => process.stdout.write(`${line}\n`));
  expect(exitCode).toBe(0);
});
