import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/planner/index.js';
import { replay } from '../../../src/planner/replay/index.js';
import { fixture } from '../fixture.js';
import { crowded } from '../random/crowded.js';

const SEED = Number(process.env['SEED'] ?? 20260106);
const RUNS = Number(process.env['RUNS'] ?? 60);
describe(`what the planner plans for crowded clusters (seed ${SEED})`, () => {
  it('is accepted, and often enough there is something to accept', () => {
    let moves = 0;
    let bypasses = 0;
    fc.assert(
      fc.property(crowded, (lines) => {
        const { desired, world } = fixture(lines);
        const made = plan(desired, world);
        moves += made.moves.length;
        bypasses += made.moves.filter((move) => move.bypass).length;
        expect(replay(made, desired, world)).toEqual({ accepted: true });
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(moves).toBeGreaterThan(RUNS);
    expect(bypasses).toBeGreaterThan(0);
  });
});
