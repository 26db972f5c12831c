import { describe, expect, it } from 'vitest';
import {
  decodePlan,
  diffText,
  encodePlan,
  planMarkdown,
  planSarif,
  planText,
  worldText,
} from '../../src/report/index.js';
import { PLAN, rehash, SPECIMEN } from './specimen.js';

// The hash would change with every detail of the fixture that no reader sees.
const shown = { ...PLAN, planHash: 'ab'.repeat(32) };

const cases: readonly { file: string; text: string }[] = [
  { file: 'plan.txt', text: planText(shown, { color: false }) },
  { file: 'plan.md', text: planMarkdown(shown) },
  { file: 'plan.sarif', text: planSarif(shown, SPECIMEN.desired) },
  { file: 'diff.txt', text: diffText(shown, { color: false }) },
  { file: 'world.txt', text: worldText(SPECIMEN.world, SPECIMEN.desired, { color: false }) },
];

describe('reports for people', () => {
  it.each(cases)('read as in the golden file $file', async ({ file, text }) => {
    await expect(text).toMatchFileSnapshot(`../golden/${file}`);
  });

  it('carry colours only when asked to', () => {
    expect(planText(PLAN, { color: true })).toContain('\u001b[1m');
    expect(planText(PLAN, { color: false })).not.toContain('\u001b');
  });

  it('say so when there is nothing to do', () => {
    const summary = { ...PLAN.summary, moves: 0, deployments: 0, refusals: 0 };
    expect(planText({ ...PLAN, moves: [], steps: [], waves: [], refusals: [], summary }, { color: false })).toContain(
      'Nothing to do.',
    );
    expect(diffText({ ...PLAN, moves: [], refusals: [], drift: [] }, { color: false })).toBe('');
  });
});

describe('a comment that would be too long', () => {
  const move = PLAN.moves[0];
  const big = rehash({
    ...PLAN,
    moves: Array.from({ length: 2000 }, () => move).filter((entry) => entry !== undefined),
  });

  it('is cut after whole rows, counts what is left out, and is the same each time', () => {
    const text = planMarkdown(big);
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text.length).toBeGreaterThan(60_000);
    expect(text).toMatch(/_\d+ more lines do not fit here/);
    expect(planMarkdown(big)).toBe(text);
  });

  it.each([400, 1000, 5000])('fits into %i characters as well', (limit) => {
    expect(planMarkdown(big, limit).length).toBeLessThanOrEqual(limit);
  });

  it('still is read back from the artifact', () => {
    expect(decodePlan(encodePlan(big)).ok).toBe(true);
  });
});
