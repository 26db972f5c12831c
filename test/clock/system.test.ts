import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../src/clock/system.js';

describe('system clock', () => {
  it('tells the time of the system and sleeps about as long as it was asked to', async () => {
    const clock = new SystemClock();
    const before = clock.now();
    await clock.sleep(30);
    expect(clock.now() - before).toBeGreaterThanOrEqual(28);
  });

  it('ends a sleep at once on abort and clears its timer', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const clock = new SystemClock();
    const abort = new AbortController();
    const before = timers();
    const sleeping = clock.sleep(60 * 86_400_000, abort.signal);
    abort.abort();
    await sleeping;
    await clock.sleep(60_000, abort.signal);
    expect(timers()).toBe(before);
  });
});
