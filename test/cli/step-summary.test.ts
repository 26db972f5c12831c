import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendSummary } from '../../src/cli/step-summary.js';
import { PLAN } from '../report/specimen.js';
import { scratch } from './berth.js';

const home = await scratch();
const MIB = 1024 * 1024;

describe('the summary of a CI step', () => {
  it('is made when it is not there yet', async () => {
    const file = join(home, 'new.md');
    appendSummary(file, PLAN);
    expect(await readFile(file, 'utf8')).toMatch(/^<!-- berth-plan /);
  });

  it.each([
    { used: 0, least: 100_000, reason: 'a plan that is larger than a summary may be' },
    { used: MIB - 10_000, least: 1000, reason: 'a summary that is nearly full' },
    { used: MIB - 10, least: 0, reason: 'a summary without room' },
  ])('stays within one MiB with $reason', async ({ used, least }) => {
    const file = join(home, `${used}.md`);
    await writeFile(file, 'x'.repeat(used));
    const moves = PLAN.moves.flatMap((move) =>
      Array.from({ length: 8000 }, () => ({ ...move, machine: 'ж'.repeat(60) })),
    );
    appendSummary(file, { ...PLAN, moves });
    const { size } = await stat(file);
    expect(size).toBeLessThanOrEqual(MIB);
    expect(size).toBeGreaterThanOrEqual(used + least);
  });
});
