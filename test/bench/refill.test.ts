import { describe, expect, it } from 'vitest';
import { clusterOf } from './cluster-of.js';
import { refill } from './refill.js';
import { sequence } from './sequence.js';

/** Two full nodes, the first with a small instance beside a large one, and a third that has a little room. */
const instance = clusterOf(
  `
n1|4000|0|100|10|10|4|N|u|1
n2|4000|0|500|10|10|4|N|u|1
n3|4000|0|1500|10|10|4|N|u|1`,
  `
a|3000|0|1|running|Y|n1||ext||1
b|3500|0|1|running|Y|n2||ext||1
c|900|0|1|running|Y|n1||ext||1
d|2500|0|1|running|Y|n3||ext||1`,
);
const swapped = Int32Array.of(1, 0, 0, 2);

describe('refill', () => {
  it('spends moves that wait for each other on others that find room', () => {
    const given = sequence(instance, swapped);
    expect([given.order, given.kept.length]).toEqual([[], 2]);
    const { order, assignment } = refill(instance, given, 2);
    expect(order).toEqual([2]);
    expect(assignment).toEqual(Int32Array.of(0, 1, 2, 2));
    expect(sequence(instance, assignment).kept).toEqual([]);
  });

  it('makes no more moves than may be made, and leaves a sequence without losses alone', () => {
    expect(refill(instance, sequence(instance, swapped), 0).order).toEqual([]);
    const whole = sequence(instance, instance.origin);
    expect(refill(instance, whole, 5)).toBe(whole);
  });
});
