import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schedule } from '../../../../src/planner/engine/schedule/index.js';
import { moves } from './moves.js';
import { canBeReached, tiny, walked, yielding } from './tiny.js';
import { brokenIn } from './walk.js';

const options = { seed: 1, effort: 200, worth: 0.05 };
const seeds = fc.integer({ min: 0, max: 1e9 });

describe('machines that yield', () => {
  it('step aside though they need not move, and come back', () => {
    const problem = yielding(
      moves(
        [40, 40, 40, 40],
        [
          [0, 1, 40],
          [1, 0, 40],
          [2, 2, 10],
          [3, 3, 30],
        ],
      ),
    );
    const result = schedule(problem, options);
    expect(result.kind).toBe('schedule');
    expect(brokenIn(problem, result.runs)).toEqual([]);
    // The ten goes there and back, and one of the two makes a move more: nothing moves less.
    expect(result.runs.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(10 + 40 + 40 + 40 + 10);
  });

  it('stay where they are as long as the others find a way without them', () => {
    const problem = yielding(
      moves(
        [4, 4, 4, 8],
        [
          [0, 1, 4],
          [1, 0, 4],
          [3, 3, 1],
        ],
      ),
    );
    expect(schedule(problem, options).runs.map(({ machine }) => machine)).not.toContain(2);
  });

  it('stay where they are when they may not yield, or are fixed', () => {
    const free = moves(
      [40, 40, 40, 40],
      [
        [0, 1, 40],
        [1, 0, 40],
        [2, 2, 10],
        [3, 3, 30],
      ],
    );
    const fixed = yielding({ ...free, instance: { ...free.instance, fixed: Uint8Array.of(0, 0, 1, 1) } });
    for (const problem of [free, fixed]) expect(schedule(problem, options).kind).toBe('stuck');
  });

  it('let every target be reached that single moves can reach', () => {
    const ended = { schedule: 0, stuck: 0 };
    fc.assert(
      fc.property(seeds, (seed) => {
        const problem = tiny(seed);
        const result = schedule(problem, options);
        ended[result.kind] += 1;
        expect(result.kind).toBe(canBeReached(problem) ? 'schedule' : 'stuck');
        if (result.kind === 'schedule') expect(brokenIn(problem, result.runs)).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(Math.min(ended.schedule, ended.stuck)).toBeGreaterThan(10);
  });

  it('reach what a long walk reached, where there are too many assignments to look at', () => {
    // What is left of 28 and 39 at the end is members of one rule that have to change places.
    const stuck = [1, 2, 3, 28, 39].filter((seed) => {
      const problem = walked(seed);
      const result = schedule(problem, { ...options, effort: 30_000 });
      if (result.kind === 'schedule') expect(brokenIn(problem, result.runs), `seed ${seed}`).toEqual([]);
      return result.kind === 'stuck';
    });
    expect(stuck).toEqual([]);
  });

  it('let large machines change places in a cluster that is full of small ones that stay', () => {
    // Ten hosts of 33 hold a machine of 16 and as many of 2 as fit; the large ones go round.
    const hosts = 10;
    const large = Array.from({ length: hosts }, (_, host): [number, number, number] => [host, (host + 1) % hosts, 16]);
    const small = Array.from({ length: 7 * hosts }, (_, n): [number, number, number] => [n % hosts, n % hosts, 2]);
    const problem = yielding(moves(new Array<number>(hosts).fill(33), [...large, ...small]));
    const result = schedule(problem, options);
    expect(result.kind).toBe('schedule');
    expect(brokenIn(problem, result.runs)).toEqual([]);
  });
});
