import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../../../src/planner/engine/schedule/index.js';
import { schedule } from '../../../../src/planner/engine/schedule/index.js';
import { moves } from './moves.js';
import { randomProblem } from './random-problem.js';
import { brokenIn } from './walk.js';

const seeds = fc.integer({ min: 0, max: 1e9 });
const options = { seed: 1, effort: 200, worth: 0.05 };

/** The schedule as `machine: from → to @ start`. */
function told(problem: Problem): string {
  const result = schedule(problem, options);
  const runs = result.runs.map(({ machine, from, to, start }) => `${machine}: ${from} → ${to} @ ${start}`);
  return result.kind === 'schedule' ? runs.join(', ') : JSON.stringify(result.knot);
}

describe('schedule', () => {
  it('keeps every limit and rule at every instant, whatever else', () => {
    const ended = { schedule: 0, stuck: 0 };
    fc.assert(
      fc.property(seeds, (seed) => {
        const problem = randomProblem(seed);
        const result = schedule(problem, options);
        ended[result.kind] += 1;
        const found = brokenIn(problem, result.runs);
        // What could be made before a knot is whole but for the machines that are left.
        expect(result.kind === 'stuck' ? found.filter((what) => !what.includes(' ends at ')) : found).toEqual([]);
      }),
      { numRuns: 800 },
    );
    expect(ended.schedule).toBeGreaterThan(2 * ended.stuck);
  });

  it('ends no earlier than its bounds say', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const result = schedule(randomProblem(seed), options);
        if (result.kind === 'stuck') return;
        const { streams, room, longest } = result.bounds;
        expect(result.makespan).toBeGreaterThanOrEqual(Math.max(streams, room, longest) - 1e-6);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same schedule for the same seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const problem = randomProblem(seed);
        expect(schedule(problem, options)).toEqual(schedule(problem, options));
      }),
      { numRuns: 100 },
    );
  });

  it('moves in both directions of a host at once, and one after the other in the same', () => {
    const problem = moves(
      [20, 20],
      [
        [0, 1, 4],
        [1, 0, 4],
        [0, 1, 4],
      ],
    );
    expect(told(problem)).toBe('0: 0 → 1 @ 0, 1: 1 → 0 @ 0, 2: 0 → 1 @ 4');
  });

  it('lets the host that has most to do never wait', () => {
    const problem = moves(
      [30, 30, 30],
      [
        [0, 1, 3],
        [0, 2, 4],
        [1, 2, 5],
      ],
    );
    expect(schedule(problem, options)).toMatchObject({ kind: 'schedule', makespan: 9, bounds: { streams: 9 } });
  });

  it('waits for the room that a machine leaves', () => {
    const problem = moves(
      [4, 4, 8],
      [
        [0, 1, 4],
        [1, 2, 4],
      ],
    );
    expect(told(problem)).toBe('1: 1 → 2 @ 0, 0: 0 → 1 @ 4');
  });

  it('lets the cheaper of two machines that swap step aside', () => {
    const problem = moves(
      [4, 4, 3],
      [
        [0, 1, 4],
        [1, 0, 3],
      ],
    );
    expect(told(problem)).toBe('1: 1 → 2 @ 0, 0: 0 → 1 @ 3, 1: 2 → 0 @ 7');
  });

  it('names the machines that wait for each other', () => {
    const problem = moves(
      [4, 5],
      [
        [0, 1, 4],
        [1, 0, 4],
      ],
    );
    const result = schedule(problem, options);
    expect(result).toMatchObject({
      kind: 'stuck',
      knot: { machines: [0, 1] },
      reached: Int32Array.of(0, 1),
    });
  });

  it('says that there is none only where every way was looked at', () => {
    const problem = moves(
      [4, 5],
      [
        [0, 1, 4],
        [1, 0, 4],
      ],
    );
    expect(schedule(problem, options)).toMatchObject({ kind: 'stuck', exhaustive: false });
    const yielding = Uint8Array.of(1, 1);
    expect(schedule({ ...problem, yielding }, options)).toMatchObject({ kind: 'stuck', exhaustive: true });
  });

  it('opens several gaps at once where room is scarce', () => {
    // Forty hosts hold a large and four small machines; the large ones go round in one ring, and the small ones change hosts as well.
    const hosts = 40;
    const ring = Array.from({ length: hosts }, (_, host): [number, number, number] => [host, (host + 1) % hosts, 16]);
    const small = Array.from({ length: 4 * hosts }, (_, n): [number, number, number] => [
      n % hosts,
      (n + 7) % hosts,
      4,
    ]);
    const problem = moves(new Array<number>(hosts).fill(36), [...ring, ...small]);
    const result = schedule(problem, options);
    expect(brokenIn(problem, result.runs)).toEqual([]);
    const largest = result.runs.filter(({ machine }) => machine < hosts);
    const most = Math.max(
      ...largest.map(({ start }) => largest.filter((run) => run.start <= start && run.end > start).length),
    );
    expect(most).toBeGreaterThan(3);
  });
});
