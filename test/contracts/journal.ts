import { describe, expect, it } from 'vitest';
import { type Clock, FencedOut, type Journal, type JournalEntry } from '../../src/ports/index.js';

/** How one implementation is opened, so that any length counts as large: `reopen` gives another handle on the same records, as a second process has it. */
export interface JournalFixture {
  readonly open: (clock: Clock) => { readonly journal: Journal; readonly reopen: () => Journal };
}

const unlocked = (by: string): JournalEntry => ({ kind: 'unlocked', by });

/** A clock that is stepped by hand. */
export function handClock(start = 1_000): Clock & { set: (now: number) => void } {
  let now = start;
  return { now: () => now, sleep: () => Promise.resolve(), set: (next) => (now = next) };
}

/** What every journal has to do. */
export function journalContract(name: string, fixture: JournalFixture): void {
  describe(`the journal contract: ${name}`, () => {
    it('gives back what was appended, in order, with sequence, time and fence', async () => {
      const clock = handClock();
      const { journal } = fixture.open(clock);
      await journal.append(unlocked('ann'), 3);
      clock.set(2_000);
      await journal.append(unlocked('böb\n'), 3);
      expect(await journal.read()).toEqual([
        { kind: 'unlocked', by: 'ann', sequence: 1, at: 1_000, fence: 3 },
        { kind: 'unlocked', by: 'böb\n', sequence: 2, at: 2_000, fence: 3 },
      ]);
    });

    it('begins empty', async () => {
      expect(await fixture.open(handClock()).journal.read()).toEqual([]);
    });

    it('refuses a writer whose token is older than one that wrote', async () => {
      const { journal } = fixture.open(handClock());
      await journal.append(unlocked('ann'), 2);
      await expect(journal.append(unlocked('bob'), 1)).rejects.toBeInstanceOf(FencedOut);
      expect(await journal.read()).toHaveLength(1);
    });

    it('keeps records and fence when it is opened again, and both handles see each other', async () => {
      const { journal, reopen } = fixture.open(handClock());
      await journal.append(unlocked('ann'), 2);
      const second = reopen();
      await second.append(unlocked('bob'), 5);
      await expect(journal.append(unlocked('eve'), 4)).rejects.toBeInstanceOf(FencedOut);
      await journal.append(unlocked('cid'), 5);
      expect((await second.read()).map((record) => record.sequence)).toEqual([1, 2, 3]);
    });

    it('is not changed by a caller who changes what it read', async () => {
      const { journal } = fixture.open(handClock());
      await journal.append(unlocked('ann'), 1);
      ((await journal.read()) as unknown[]).pop();
      expect(await journal.read()).toHaveLength(1);
    });

    it('drops what nobody needs any more, and goes on counting', async () => {
      const { journal, reopen } = fixture.open(handClock());
      for (let n = 1; n <= 20; n++) await journal.append(unlocked(`p${n}`), 2);
      await journal.compact((records) => records.filter(({ sequence }) => sequence === 7 || sequence === 9), 3);
      const after = [
        { kind: 'unlocked', by: 'p7', sequence: 7, at: 1_000, fence: 2 },
        { kind: 'unlocked', by: 'p9', sequence: 9, at: 1_000, fence: 2 },
        { kind: 'compacted', dropped: 18, sequence: 21, at: 1_000, fence: 3 },
      ];
      expect(await journal.read()).toEqual(after);
      const again = reopen();
      const next = await again.append(unlocked('ann'), 3);
      expect(next.sequence).toBe(22);
      expect(await again.read()).toEqual([...after, next]);
      await expect(again.append(unlocked('bob'), 2)).rejects.toBeInstanceOf(FencedOut);
    });

    it('keeps both handles together over compactions: an old writer is fenced, a reader sees the new journal', async () => {
      const { journal, reopen } = fixture.open(handClock());
      const old = reopen();
      for (let round = 1; round <= 3; round++) {
        for (let n = 1; n <= 20; n++) await old.append(unlocked('ann'), 2 * round);
        await journal.compact(() => [], 2 * round + 1);
        await expect(old.append(unlocked('ann'), 2 * round), `round ${round}`).rejects.toBeInstanceOf(FencedOut);
        expect(await old.read()).toEqual(await journal.read());
      }
      expect((await old.append(unlocked('ann'), 7)).sequence).toBe(64);
    });

    it('is not compacted by a writer whose token is older than one that wrote', async () => {
      const { journal } = fixture.open(handClock());
      for (let n = 1; n <= 20; n++) await journal.append(unlocked('ann'), 2);
      await expect(journal.compact(() => [], 1)).rejects.toBeInstanceOf(FencedOut);
      expect(await journal.read()).toHaveLength(20);
    });
  });
}
