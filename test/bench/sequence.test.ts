import { describe, expect, it } from 'vitest';
import { clusterOf } from './cluster-of.js';
import { sequence } from './sequence.js';

/** Two nodes, each with one instance of 1,000 MiB, and so much free as told. */
const cluster = (free1: number, free2: number, tags = '', mark = 'N') =>
  clusterOf(
    `
n1|4000|0|${free1}|10|10|4|${mark}|u|1
n2|4000|0|${free2}|10|10|4|N|u|1`,
    `
a|1000|0|1|running|Y|n1||ext|${tags}|1
b|1000|0|1|running|Y|n2||ext|${tags}|1`,
    'htools:iextags:svc',
  );
const swapped = Int32Array.of(1, 0);

describe('sequence', () => {
  it('lets a move wait until there is room', () => {
    const { order, kept } = sequence(cluster(500, 1500), swapped);
    expect([order, kept]).toEqual([[0, 1], []]);
    expect(sequence(cluster(1500, 500), swapped).order).toEqual([1, 0]);
  });

  it('gives up a move where each waits for the other', () => {
    const { order, kept, assignment } = sequence(cluster(500, 500), swapped);
    expect(order).toEqual([]);
    expect(kept).toHaveLength(2);
    expect(assignment).toEqual(Int32Array.of(0, 1));
  });

  it('lets none come to a node where one of his company still is', () => {
    expect(sequence(cluster(2000, 2000, 'svc:web'), swapped).order).toEqual([]);
  });

  it('lets one that leaves an offline node come to his company', () => {
    const { order, kept } = sequence(cluster(2000, 2000, 'svc:web', 'Y'), Int32Array.of(1, 1));
    expect([order, kept]).toEqual([[0], []]);
  });

  it('lets those that do not flee come first, since beside one that fled they could not', () => {
    const both = clusterOf(
      `
n1|4000|0|2000|10|10|4|Y|u|1
n2|4000|0|2000|10|10|4|N|u|1
n3|4000|0|3500|10|10|4|N|u|1`,
      `
a|1000|0|1|running|Y|n1||ext|svc:web|1
b|1000|0|1|running|Y|n2||ext|svc:web|1`,
      'htools:iextags:svc',
    );
    expect(sequence(both, Int32Array.of(2, 2))).toMatchObject({ order: [1, 0], kept: [] });
  });
});
