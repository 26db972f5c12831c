import { FencedOut, type JournalEntry, type JournalRecord } from '../ports/index.js';

/** What the next record has to follow. */
export interface Chain {
  readonly sequence: number;
  /** Highest token so far. */
  readonly fence: number;
}

export const START: Chain = { sequence: 0, fence: 0 };

/** The record that comes after `chain`. Throws {@link FencedOut} for a writer with an older token. */
export function nextRecord(chain: Chain, entry: JournalEntry, fence: number, at: number): JournalRecord {
  if (fence < chain.fence)
    throw new FencedOut(`the lease went on to token ${chain.fence}; a writer with token ${fence} may not act`);
  return { ...entry, sequence: chain.sequence + 1, at, fence };
}

/** The chain with one more record; null when the record does not follow it. */
export function follow(chain: Chain, record: JournalRecord): Chain | null {
  if (record.sequence !== chain.sequence + 1 || record.fence < chain.fence) return null;
  return { sequence: record.sequence, fence: record.fence };
}
