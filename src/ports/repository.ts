import type { Problem } from '../model/index.js';

/** One file of a commit. */
export interface TreeFile {
  readonly path: string;
  /** Object id of the content: the key of caches. */
  readonly blob: string;
  readonly bytes: number | null;
}

/** The files of one commit that may hold documents (`*.yaml`, `*.yml`), sorted by path, read on demand. */
export interface SourceTree {
  /** Full commit id, or `folder`. */
  readonly revision: string;
  readonly files: readonly TreeFile[];
  read(file: TreeFile): Promise<string>;
  /** Any other file of the same commit, such as a simulator scenario; null when it is absent or not a plain file. */
  readPath(path: string): Promise<string | null>;
}

/** How a commit stands to one that was reconciled before. */
export type Relation = 'same' | 'ahead' | 'rewound' | 'unrelated';

/** Thrown by {@link Source} and {@link StatusStore}; the message is the problem's. It never holds a credential or a server's page. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';

  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/**
 * The source of desired state. All failures are {@link RepositoryError} values thrown with a problem inside; nothing secret is in them.
 */
export interface Source {
  /** Fetches when it is a remote, and answers with the commit id of the branch. */
  fetch(): Promise<string>;
  tree(revision: string): Promise<SourceTree>;
  /** How `revision` stands to `previous`. */
  relation(previous: string, revision: string): Promise<Relation>;
}

/** Path → text of everything on the status branch (or below one cluster's folder). */
export type StatusTree = ReadonlyMap<string, string>;

export interface StatusPublication {
  /**
   * Called with what stands on the branch now, and again with the new tip when the push lost a race. Answers with the paths to write
   * (null text: delete), all others stay; an empty answer means that nothing is to be committed.
   */
  render(current: StatusTree): ReadonlyMap<string, string | null>;
  readonly subject: string;
  /** Git trailers in this order. */
  readonly trailers: readonly (readonly [name: string, value: string])[];
}

/** The branch that status is written to. */
export interface StatusStore {
  read(): Promise<{ readonly revision: string | null; readonly tree: StatusTree }>;
  /** The new commit, or null when there was nothing to commit. */
  publish(publication: StatusPublication): Promise<string | null>;
  /** Newest first. */
  log(limit: number): Promise<readonly { readonly revision: string; readonly message: string; readonly at: number }[]>;
}
