import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.js';

describe('the whole loop from a seed, with faults', () => {
  it.each(Array.from({ length: 40 }, (_, index) => index + 1))('seed %i keeps every promise', async (seed) => {
    const result = await simulate(seed);
    expect(result.broken, `seed ${seed} ended ${result.end}`).toEqual([]);
  });
});
