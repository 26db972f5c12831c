import { describe, expect, it } from 'vitest';
import { planAnnotations } from '../../src/report/index.js';
import { PLAN, rehash, SPECIMEN } from './specimen.js';

const quiet = { ...PLAN, refusals: [], drift: [], checks: [] };

describe('annotations of a plan', () => {
  it('are a notice for each move and a warning for each refusal', () => {
    const lines = planAnnotations({ ...quiet, refusals: PLAN.refusals }, SPECIMEN.desired)
      .trim()
      .split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^::warning file=.*title=NoFeasibleHost::nrf-1 is not moved/);
    expect(lines[1]).toMatch(/^::notice file=.*title=Move::upf-1: edge-a1 → edge-a2 \(.*\), because host edge-a1: cpu/);
    expect(lines[2]).toMatch(/^::notice file=.*title=Start::amf-1 starts on edge-a2/);
  });

  it.each([
    { moves: 10, notices: 10, reason: 'all are shown' },
    { moves: 11, notices: 10, reason: 'the last one counts the rest' },
  ])('are ten a kind at most: of $moves moves $reason', ({ moves, notices }) => {
    const many = PLAN.moves.slice(0, 1).flatMap((move) => Array.from({ length: moves }, () => move));
    const lines = planAnnotations(rehash({ ...quiet, moves: many }), SPECIMEN.desired)
      .trim()
      .split('\n');
    expect(lines).toHaveLength(notices);
    expect(lines.at(-1)).toMatch(moves > 10 ? /2 more, see the job summary$/ : /upf-1/);
  });
});
