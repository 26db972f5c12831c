import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.js';

const START = 1_000_000;

describe('virtual clock', () => {
  it('wakes sleepers by time, then by insertion', async () => {
    const clock = new VirtualClock(START);
    const woken: string[] = [];
    const sleepers = [
      ['late', 300],
      ['early', 100],
      ['also late', 300],
      ['middle', 200],
    ] as const;
    await Promise.all(
      sleepers.map(async ([name, ms]) => {
        await clock.sleep(ms);
        woken.push(`${name} ${clock.now() - START}`);
      }),
    );
    expect(woken).toEqual(['early 100', 'middle 200', 'late 300', 'also late 300']);
  });

  it('stands still while promises and immediates still have work to do', async () => {
    const clock = new VirtualClock(START);
    const sleeper = clock.sleep(1000);
    for (let i = 0; i < 50; i++) await Promise.resolve();
    expect(clock.now()).toBe(START);
    await sleeper;
    expect(clock.now()).toBe(START + 1000);
  });

  it('lets what a woken sleeper starts go first when it is due earlier than the others', async () => {
    const clock = new VirtualClock(START);
    const seen: number[] = [];
    const nested = (async () => {
      await clock.sleep(10);
      await clock.sleep(10);
      seen.push(clock.now() - START);
    })();
    const other = clock.sleep(25).then(() => seen.push(clock.now() - START));
    await Promise.all([nested, other]);
    expect(seen).toEqual([20, 25]);
  });

  it('simulates a day in a moment', async () => {
    const clock = new VirtualClock(START);
    const before = performance.now();
    for (let hour = 0; hour < 24; hour++) await clock.sleep(3_600_000);
    expect(clock.now()).toBe(START + 86_400_000);
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('ends a sleep at once on abort, before and during it, without moving time', async () => {
    const clock = new VirtualClock(START, { pace: 0.001 });
    const abort = new AbortController();
    const during = clock.sleep(1000, abort.signal);
    setImmediate(() => abort.abort());
    await during;
    await clock.sleep(1000, abort.signal);
    expect(clock.now()).toBe(START);
  });

  it('leaves no timer behind after an abort', async () => {
    const clock = new VirtualClock(START, { pace: 0.001 });
    const abort = new AbortController();
    const sleeping = clock.sleep(1000, abort.signal);
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const withTimer = timers();
    abort.abort();
    await sleeping;
    expect(timers()).toBe(withTimer - 1);
  });

  it('waits real time before a jump when it has a pace', async () => {
    const clock = new VirtualClock(START, { pace: 100 });
    const before = performance.now();
    await clock.sleep(6000);
    expect(performance.now() - before).toBeGreaterThan(50);
    expect(clock.now()).toBe(START + 6000);
  });

  it('gives the sooner sleeper its turn when it comes during a paced wait', async () => {
    const clock = new VirtualClock(START, { pace: 1000 });
    const seen: number[] = [];
    const long = clock.sleep(100_000).then(() => seen.push(clock.now() - START));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const short = clock.sleep(50).then(() => seen.push(clock.now() - START));
    await Promise.all([long, short]);
    expect(seen).toEqual([50, 100_000]);
  });
});
