import { describe, expect, it } from 'vitest';
import { estimateMove, preCopy } from '../../src/planner/estimate.js';

const transfer = { memoryMiB: 1000, dirtyMibps: 100, diskMiB: 0, bandwidthMibps: 1000, maxDowntimeMs: 50 };

describe('the pre-copy model', () => {
  const cases = [
    {
      reason: 'memory of which nobody knows how fast it changes goes over once, and the pause is what is allowed',
      change: { dirtyMibps: 0 },
      mib: 1000,
      downtimeMs: 50,
    },
    { reason: 'each round sends what was dirtied in the one before', change: {}, mib: 1110, downtimeMs: 10 },
    { reason: 'a longer pause saves rounds', change: { maxDowntimeMs: 200 }, mib: 1100, downtimeMs: 100 },
    { reason: 'all of it in the pause', change: { maxDowntimeMs: 1000 }, mib: 1000, downtimeMs: 1000 },
    {
      reason: 'rounds that do not shrink end in a long pause',
      change: { dirtyMibps: 1000 },
      mib: 2000,
      downtimeMs: 1000,
    },
  ];
  it.each(cases)('$reason', ({ change, mib, downtimeMs }) => {
    const found = preCopy({ ...transfer, ...change });
    expect({ mib: Math.round(found.mib), downtimeMs: Math.round(found.downtimeMs) }).toEqual({ mib, downtimeMs });
    expect(found.seconds).toBeCloseTo(mib / 1000);
  });
});

describe('the estimate of a move', () => {
  it('counts local disks', () => {
    const local = { ...transfer, diskMiB: 10_000 };
    expect(estimateMove('vfio-live', local)).toEqual({ seconds: 16.1, bytes: 11_110 * 1024 * 1024, downtimeMs: 10 });
  });

  it('stands still all the while, and copies nothing, when it is cold', () => {
    expect(estimateMove('cold', transfer)).toEqual({ seconds: 30, bytes: 0, downtimeMs: 25_000 });
  });
});
