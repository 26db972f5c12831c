import type { Clock, Journal, JournalRecord } from '../ports/index.js';
import { compacted, nextRecord, START } from './chain.js';

/** A journal that lives as long as its `records`: for tests, and for runs that leave nothing behind. It is large above `limit` records. */
export function memoryJournal(clock: Clock, records: JournalRecord[] = [], limit = Infinity): Journal {
  return {
    read: () => Promise.resolve([...records]),
    append: async (entry, fence) => {
      await Promise.resolve();
      const record = nextRecord(records.at(-1) ?? START, structuredClone(entry), fence, clock.now());
      records.push(record);
      return record;
    },
    compact: async (keep, fence) => {
      await Promise.resolve();
      const chain = records.at(-1) ?? START;
      const { kept, mark } = compacted(records, keep, { chain, fence, at: clock.now() });
      const after = [...kept.records, mark];
      if (records.length > limit && after.length <= records.length / 2) records.splice(0, records.length, ...after);
    },
    close: () => Promise.resolve(),
  };
}
