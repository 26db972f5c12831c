import { describe, expect, it } from 'vitest';
import { byPolicy, oneGreedyMove, replay } from './day.js';
import { parseTrace } from './formats/trace.js';

describe('a trace of load', () => {
  it('is one machine a line, its name first', () => {
    expect(parseTrace('t.csv', 'a,1,2\nb,30,40\n')).toEqual([
      [1, 2],
      [30, 40],
    ]);
  });

  it.each([
    { reason: 'a line that is shorter', text: 'a,1,2\nb,1\n', told: 't.csv:2:1: there are 1 values, above 2' },
    { reason: 'a word for a number', text: 'a,1,x\n', told: 't.csv:1:1: value 2 is no percentage' },
    { reason: 'nothing at all', text: '', told: 't.csv:1:1: there is no line' },
  ])('is refused with its line: $reason', ({ text, told }) => {
    expect(() => parseTrace('t.csv', text)).toThrow(told);
  });
});

describe('a day that is replayed', () => {
  /** 28 machines on two hosts: those of the first are busy all the time. */
  const trace = Array.from({ length: 28 }, (_, machine) => Array.from({ length: 8 }, () => (machine < 14 ? 11 : 1)));

  it('counts the windows that hosts spend above the threshold', () => {
    expect(replay(trace, 0.8, () => [])).toMatchObject({ moves: 0, above: 8, windows: 8 });
  });

  it('ends sooner above it when somebody moves machines, once the held windows have passed', () => {
    const policy = { thresholds: [{ metric: 'cpu' as const, high: 0.8, low: 0.6 }] };
    expect(replay(trace, 0.8, byPolicy(policy))).toMatchObject({ above: 3, again: 0 });
    expect(replay(trace, 0.8, oneGreedyMove(0.8)).above).toBeLessThan(8);
  });
});
