import type { Objects } from './objects.js';
import type { PushOutcome } from './send-pack.js';

/** One branch of one repository, local or remote: where its objects are and how it moves. */
export interface Repository {
  /** Path or address without credentials, for messages. */
  readonly shown: string;
  readonly branch: string;
  /** The commit that the branch points to now, its snapshot readable; null when there is no such branch. */
  refresh(): Promise<string | null>;
  /** Where objects are read and written now. */
  objects(): Promise<Objects>;
  /** Brings older commits of the branch; false when all are here. */
  deepen(): Promise<boolean>;
  /** Moves the branch when it still is at `from` (null: not there). */
  swap(update: BranchUpdate): Promise<PushOutcome>;
  /** After {@link Damage}: true when the objects were brought anew and the work is worth another try. */
  repair(): Promise<boolean>;
}

export interface BranchUpdate {
  readonly from: string | null;
  readonly to: string;
  /** Where `to` was written, and what it adds. */
  readonly objects: Objects;
  readonly oids: readonly string[];
}
