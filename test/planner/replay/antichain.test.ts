import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heaviestAntichain } from '../../../src/planner/replay/antichain.js';

/** By trying every set. */
function bruteForce(weights: readonly number[], before: (a: number, b: number) => boolean): number {
  let best = 0;
  for (let set = 0; set < 1 << weights.length; set += 1) {
    const chosen = [...weights.keys()].filter((entry) => (set >> entry) & 1);
    if (chosen.some((a) => chosen.some((b) => before(a, b)))) continue;
    best = Math.max(
      best,
      chosen.reduce((sum, entry) => sum + (weights[entry] ?? 0), 0),
    );
  }
  return best;
}

describe('the heaviest set of stays that can meet', () => {
  it('is what trying every set of intervals finds', () => {
    const stay = fc.record({
      weight: fc.nat({ max: 9 }),
      from: fc.nat({ max: 9 }),
      length: fc.nat({ max: 5 }),
      lane: fc.nat({ max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(stay, { maxLength: 9 }), (stays) => {
        // Interval orders of three lanes that know nothing of each other, but that lane 0 comes before what is much later.
        const before = (a: number, b: number): boolean => {
          const [first, second] = [stays[a], stays[b]];
          if (first === undefined || second === undefined) return false;
          const gap = second.from - (first.from + first.length);
          return first.lane === second.lane ? gap > 0 : gap > 6;
        };
        const weights = stays.map((entry) => entry.weight);
        expect(heaviestAntichain(weights, before)).toBe(bruteForce(weights, before));
      }),
      { numRuns: 300 },
    );
  });
});
