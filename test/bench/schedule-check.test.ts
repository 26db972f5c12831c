import { describe, expect, it } from 'vitest';
import type { TimedMove } from './schedule-check.js';
import { checkSchedule } from './schedule-check.js';

const host = (name: string) => ({ name, memMiB: 10, nodeMemMiB: 0 });
const cluster = {
  hosts: ['h0', 'h1', 'h2'].map(host),
  vms: [
    { name: 'a', memMiB: 6, host: 0, tag: 'x' },
    { name: 'b', memMiB: 6, host: 1, tag: 'x' },
  ],
};
const target = [1, 2];
const move = (machine: string, from: number, to: number, start: number, end: number): TimedMove => ({
  machine,
  from,
  to,
  start,
  end,
});
const good = [move('b', 1, 2, 0, 6), move('a', 0, 1, 6, 12)];

describe('the check of a schedule', () => {
  it('finds nothing in a good one', () => {
    expect(checkSchedule(cluster, target, good, { mibps: 1, streams: 1 })).toEqual([]);
  });

  it('lets a machine without memory move in no time, also twice and between others', () => {
    const light = { ...cluster, vms: [...cluster.vms, { name: 'c', memMiB: 0, host: 0, tag: '' }] };
    const instant = [move('c', 0, 2, 6, 6), move('c', 2, 1, 6, 6)];
    const ordered = [good.slice(0, 1), instant, good.slice(1)].flat();
    expect(checkSchedule(light, [1, 2, 1], ordered, { mibps: 1, streams: 1 })).toEqual([]);
    const long = [...good, ...instant];
    expect(checkSchedule(light, [1, 2, 1], long, { mibps: 1, streams: 1 }).join()).toMatch(/2 streams leave host 0/);
  });

  it.each<{ readonly wrong: string; readonly moves: readonly TimedMove[]; readonly says: RegExp }>([
    { wrong: 'no room yet', moves: [move('b', 1, 2, 0, 6), move('a', 0, 1, 5, 11)], says: /12 MiB in 10 MiB/ },
    { wrong: 'a meeting', moves: [move('b', 1, 2, 0, 6), move('a', 0, 1, 5, 11)], says: /meets another of x/ },
    { wrong: 'too fast', moves: [move('b', 1, 2, 0, 5), move('a', 0, 1, 6, 12)], says: /its stream takes 6 s/ },
    { wrong: 'left out', moves: [move('b', 1, 2, 0, 6)], says: /a ends on 0, not on 1/ },
    { wrong: 'from elsewhere', moves: [move('b', 1, 2, 0, 6), move('a', 2, 1, 6, 12)], says: /a leaves 2, it is on 0/ },
    { wrong: 'unknown', moves: [...good, move('c', 0, 1, 0, 1)], says: /no machine c/ },
    {
      wrong: 'two streams at once',
      moves: [move('b', 1, 2, 0, 6), move('a', 0, 2, 3, 9), move('a', 2, 1, 9, 15)],
      says: /2 streams come to host 2/,
    },
  ])('finds $wrong', ({ moves, says }) => {
    expect(checkSchedule(cluster, target, moves, { mibps: 1, streams: 1 }).join()).toMatch(says);
  });
});
