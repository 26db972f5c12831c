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

/** The beginning of a compacted journal: what was kept of all records up to `sequence`. */
export interface Kept extends Chain {
  readonly kind: 'kept';
  readonly records: readonly JournalRecord[];
}

/** A compaction: what the journal begins with, and the record that follows. Throws {@link FencedOut} like {@link nextRecord}. */
export function compacted(
  records: readonly JournalRecord[],
  keep: (records: readonly JournalRecord[]) => readonly JournalRecord[],
  writer: { readonly chain: Chain; readonly fence: number; readonly at: number },
): { readonly kept: Kept; readonly mark: JournalRecord } {
  const kept: Kept = { kind: 'kept', ...writer.chain, records: keep(records) };
  const dropped = records.length - kept.records.length;
  return { kept, mark: nextRecord(writer.chain, { kind: 'compacted', dropped }, writer.fence, writer.at) };
}
