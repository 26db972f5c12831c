import { describe, expect, it } from 'vitest';
import { evaluate, totalOf } from '../../src/planner/engine/evaluate.js';
import { clusterOf } from './cluster-of.js';
import { sequence } from './sequence.js';
import { settle } from './settle.js';

/** The first node has a large and a small instance of one tag, the second a small one, and others that balance them. */
const packed = clusterOf(
  `
n1|24000|0|8000|10|10|16|N|u|1
n2|20000|0|12000|10|10|16|N|u|1`,
  `
a|8000|0|1|running|Y|n1||ext|t:a|1
b|2000|0|1|running|Y|n2||ext|t:a|1
c|2000|0|1|running|Y|n1||ext||1
d|6000|0|1|running|Y|n1||ext||1
e|6000|0|1|running|Y|n2||ext||1`,
  'htools:iextags:t',
);
const cost = (assignment: Int32Array) => totalOf(evaluate(packed, assignment));
/** `a` and `b` change places, which balances, and `e` goes the wrong way. */
const wanted = Int32Array.of(1, 0, 0, 0, 0);

describe('settle', () => {
  it('ends no worse than the start where what is left of a plan would be worse', () => {
    const left = sequence(packed, wanted);
    expect(cost(left.assignment)).toBeGreaterThan(cost(packed.origin));
    const { order, kept, assignment } = settle(packed, wanted, 3, cost);
    expect(cost(assignment)).toBeLessThan(cost(packed.origin));
    expect(sequence(packed, assignment).kept).toEqual([]);
    expect([...order, ...kept]).toEqual(expect.arrayContaining([0, 1]));
    expect(kept.filter((machine) => order.includes(machine))).toEqual([]);
  });

  it('makes no more moves than may be made', () => {
    for (const most of [0, 1, 2]) {
      expect(settle(packed, packed.origin, most, cost).order.length).toBeLessThanOrEqual(most);
    }
  });
});
