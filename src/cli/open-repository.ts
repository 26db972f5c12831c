import { createDocumentCache, loadDesired, type DocumentCache } from '../documents/index.js';
import { problem, type Desired, type Result } from '../model/index.js';
import { RepositoryError, type Source, type SourceTree, type StatusStore } from '../ports/index.js';
import { isStatusBranch } from '../status/index.js';
import { openCommits, openStatus, repositoryState } from './compose.js';
import { EXIT } from './exit.js';
import { Failure } from './failure.js';
import type { RepositoryOptions } from './options.js';
import { readOpenedRevisions } from './settled.js';

/** A repository of documents: its commits, its status branch, and where things are kept for it. */
export interface OpenRepository {
  readonly options: RepositoryOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly source: Source;
  readonly status: StatusStore;
  readonly cache: DocumentCache;
  /** Folder with one for each of its clusters. */
  readonly state: string;
}

/** A commit whose documents can be read, and the clusters that they describe. */
export interface Readable {
  readonly tree: SourceTree;
  readonly all: readonly Desired[];
}

/** Opens a repository. Throws when its status branch is somebody else's. */
export async function openRepository(options: RepositoryOptions, env: NodeJS.ProcessEnv): Promise<OpenRepository> {
  const source = await openCommits(options, env);
  const status = await openStatus(options, env);
  await refuseForeignBranch(status, options.statusBranch);
  return { options, env, source, status, cache: createDocumentCache(), state: repositoryState(options, env) };
}

/** Keeps status off a branch that somebody else writes, before anything moves. A branch out of reach is looked at another time. */
async function refuseForeignBranch(status: StatusStore, branch: string): Promise<void> {
  const tree = await status.read().then(
    (found) => found.tree,
    (error: unknown) => {
      if (error instanceof RepositoryError) return null;
      throw error;
    },
  );
  if (tree === null || isStatusBranch(tree)) return;
  const message = `the branch ${branch} holds something else than status; Berth would write over it`;
  const hint = 'Name a branch of its own by --status-branch; it need not exist.';
  throw new Failure(EXIT.error, [problem({ code: 'StatusBranchTaken', message, hint })]);
}

/** The newest commit; when it cannot be read, the last one of those that clusters were opened from. Without one the problems are thrown. */
export async function newestReadable({ source, cache, state }: OpenRepository): Promise<Readable> {
  const read = async (revision: string): Promise<Readable> => {
    const loaded = await readCommit({ source, cache }, revision);
    if (!loaded.ok) throw new Failure(EXIT.error, loaded.problems);
    return loaded.value;
  };
  try {
    return await read(await source.fetch());
  } catch (error) {
    for (const revision of readOpenedRevisions(state)) {
      const earlier = await read(revision).catch(() => null);
      if (earlier !== null) return earlier;
    }
    throw error;
  }
}

/** Reads the documents of a commit. */
export async function readCommit(
  { source, cache }: Pick<OpenRepository, 'source' | 'cache'>,
  revision: string,
): Promise<Result<Readable>> {
  const tree = await source.tree(revision);
  const loaded = await loadDesired(tree, cache);
  return loaded.ok ? { ...loaded, value: { tree, all: loaded.value } } : loaded;
}
