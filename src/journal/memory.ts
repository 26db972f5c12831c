import type { Clock, Journal, JournalRecord } from '../ports/index.js';
import { nextRecord, START } from './chain.js';

/** A journal that lives as long as its `records`: for tests, and for runs that leave nothing behind. */
export function memoryJournal(clock: Clock, records: JournalRecord[] = []): Journal {
  return {
    read: () => Promise.resolve([...records]),
    append: async (entry, fence) => {
      await Promise.resolve();
      const record = nextRecord(records.at(-1) ?? START, structuredClone(entry), fence, clock.now());
      records.push(record);
      return record;
    },
    close: () => Promise.resolve(),
  };
}
