import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relax, schedule } from '../../../../src/planner/engine/schedule/index.js';
import type { Problem, Relaxing } from '../../../../src/planner/engine/schedule/index.js';
import { moves } from './moves.js';
import { canBeReached, tiny, yielding } from './tiny.js';

const options = { seed: 1, effort: 200, worth: 0.05 };

function relaxed(problem: Problem): Relaxing {
  const result = schedule(problem, options);
  if (result.kind !== 'stuck') throw new Error('there is a schedule');
  return relax(problem, result, 10_000);
}

describe('what would free a knot', () => {
  it('is the least room that would let one of two that swap through', () => {
    const problem = moves(
      [4, 5],
      [
        [0, 1, 4],
        [1, 0, 4],
      ],
    );
    expect(relaxed(problem).relaxation).toEqual({ kind: 'room', place: 1, resource: 0, missing: 3 });
  });

  it('is room on a third host where less is missing for all of the way than where they want to go', () => {
    const problem = yielding(
      moves(
        [100, 100, 30],
        [
          [0, 1, 50],
          [0, 1, 50],
          [1, 0, 100],
        ],
      ),
    );
    expect(relaxed(problem).relaxation).toEqual({ kind: 'room', place: 2, resource: 0, missing: 70 });
  });

  it.each([5, 7, 9])('cannot be had for %i MiB less', (size) => {
    const rooms = [size + 1, size + 2, size - 2];
    const problem = yielding(
      moves(rooms, [
        [0, 1, size],
        [1, 0, size],
      ]),
    );
    const { relaxation } = relaxed(problem);
    expect(relaxation).toMatchObject({ kind: 'room', place: 2, missing: 2 });
  });

  it('is a rule where room does not help', () => {
    const plain = moves(
      [9, 9],
      [
        [0, 1, 1],
        [1, 0, 1],
      ],
    );
    const apart = { kind: 'apart', members: Int32Array.of(0, 1), domain: 0, most: 1 } as const;
    const problem = { ...plain, instance: { ...plain.instance, rules: [apart] } };
    expect(relaxed(problem).relaxation).toEqual({ kind: 'rule', rule: apart });
  });

  it('is nothing when no single change helps', () => {
    const plain = moves(
      [9, 9],
      [
        [0, 1, 1],
        [1, 0, 1],
      ],
    );
    const apart = { kind: 'apart', members: Int32Array.of(0, 1), domain: 0, most: 1 } as const;
    const problem = { ...plain, instance: { ...plain.instance, rules: [apart, { ...apart }] } };
    expect(relaxed(problem)).toEqual({ relaxation: null, places: 2, rules: 2, complete: true });
  });

  it('is enough, and no host needs less, wherever every assignment can be looked at', () => {
    let knots = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        const problem = tiny(seed);
        const result = schedule(problem, options);
        if (result.kind === 'schedule') return;
        knots += 1;
        const { relaxation } = relax(problem, result, 100_000);
        const withMore = (host: number, missing: number): Problem => {
          const capacity = problem.instance.capacity.slice();
          capacity[host] = (capacity[host] ?? 0) + missing;
          return { ...problem, instance: { ...problem.instance, capacity } };
        };
        if (relaxation?.kind !== 'room') throw new Error('room always helps');
        expect(canBeReached(withMore(relaxation.place, relaxation.missing))).toBe(true);
        for (let host = 0; host < problem.instance.hosts; host++) {
          expect(canBeReached(withMore(host, relaxation.missing - 1))).toBe(false);
        }
      }),
      { numRuns: 150 },
    );
    expect(knots).toBeGreaterThan(10);
  });
});
