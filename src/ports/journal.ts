import type { Outcome, Plan } from '../model/index.js';

/** What the journal keeps. An `intent` is on disk before its action starts, its `outcome` after it ended. */
export type JournalEntry =
  /** Another holder of the lease has begun; writers under an older token are shut out from here. */
  | { readonly kind: 'fenced'; readonly holder: string }
  | { readonly kind: 'plan-started'; readonly plan: Plan }
  | {
      readonly kind: 'intent';
      readonly planHash: string;
      readonly step: string;
      readonly index: number;
      readonly direction: 'do' | 'undo';
    }
  | {
      readonly kind: 'outcome';
      readonly planHash: string;
      readonly step: string;
      readonly index: number;
      readonly direction: 'do' | 'undo';
      readonly outcome: Outcome;
    }
  /** A machine has arrived; the planner's cooldown counts from here. */
  | {
      readonly kind: 'moved';
      readonly planHash: string;
      readonly machine: string;
      readonly from: string | null;
      readonly to: string;
    }
  | {
      readonly kind: 'move-ended';
      readonly planHash: string;
      readonly move: string;
      readonly result: 'succeeded' | 'undone' | 'degraded' | 'frozen' | 'skipped';
      readonly message: string;
    }
  | {
      readonly kind: 'plan-ended';
      readonly planHash: string;
      readonly result: 'succeeded' | 'stopped' | 'failed' | 'frozen';
    }
  /** Nothing may be done until a person says so (`berth unlock`), or the hosts show what was unclear. */
  | { readonly kind: 'frozen'; readonly reason: string; readonly message: string; readonly machine: string | null }
  | { readonly kind: 'unlocked'; readonly by: string }
  /** The hosts have shown what a freeze stood for; `message` says what they show. */
  | { readonly kind: 'thawed'; readonly message: string }
  /** Written by {@link Journal.compact}: so many records before this one are gone. */
  | { readonly kind: 'compacted'; readonly dropped: number };

export type JournalRecord = JournalEntry & {
  /** Counts from 1; what is missing was dropped by a compaction. */
  readonly sequence: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Token of the lease under which it was written. */
  readonly fence: number;
};

/**
 * Append-only. `append` returns when the record is durable. A torn tail is cut when the journal is opened; a bad record
 * before the last one is a {@link JournalDamage} error that says what to do.
 */
export interface Journal {
  read(): Promise<readonly JournalRecord[]>;
  /** Refused (throws {@link FencedOut}) when a record with a higher fence was written. */
  append(entry: JournalEntry, fence: number): Promise<JournalRecord>;
  /**
   * When the journal has become large, drops all records but those that `keep` gives back. A crash leaves the old journal or the new one; other
   * handles go on with the new one. Refused like {@link append}.
   */
  compact(keep: (records: readonly JournalRecord[]) => readonly JournalRecord[], fence: number): Promise<void>;
  close(): Promise<void>;
}

/** Thrown by {@link Journal.append} to a writer whose lease went to somebody else. */
export class FencedOut extends Error {
  override readonly name = 'FencedOut';
}

/** Thrown when a journal has a bad record in its middle; the message says where and what to do. */
export class JournalDamage extends Error {
  override readonly name = 'JournalDamage';
}
