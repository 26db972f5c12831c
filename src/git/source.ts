import type { Credentials } from './location.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { FolderCache } from './tree.js';
import { FOLDER } from './objects.js';
import type { Objects } from './objects.js';
import type { Repository } from './repository.js';
import type { RepositoryLimits } from './limits.js';
import type { Source } from '../ports/index.js';
import { attempt } from './attempt.js';
import { findGitFolder } from './local.js';
import { openFolder } from './folder.js';
import { openRepository } from './open-repository.js';
import { openTree, splitPath } from './tree.js';
import { parseLocation } from './location.js';
import { printable, refuse } from './refuse.js';
import { relate } from './history.js';

export interface SourceOptions {
  /** Path of a repository or of a plain folder, or an http(s) address. */
  readonly location: string;
  /** Left out: the branch that HEAD points to. */
  readonly branch?: string;
  /** Folder in the repository that is the source's root; paths of files are relative to it. */
  readonly path?: string;
  /** Disposable; only remotes use it. */
  readonly cacheDir: string;
  /** For a remote; those in its address count first. */
  readonly credentials?: Credentials | null;
  readonly limits?: Partial<RepositoryLimits>;
}

/** Opens the source of desired state: a repository, or a folder that is none. */
export async function openSource(options: SourceOptions): Promise<Source> {
  const location = parseLocation(options.location);
  if (location.kind === 'path' && (await findGitFolder(location.path)) === null) {
    return openFolder(options.path === undefined ? location.path : `${location.path}/${options.path}`, options.limits);
  }
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  return repositorySource(await openRepository({ ...options, limits }), options.path ?? '', limits);
}

function repositorySource(repository: Repository, path: string, limits: RepositoryLimits): Source {
  const parts = path === '' || path === '.' ? [] : splitPath(path);
  const folders: FolderCache = new Map();
  const withObjects = <T>(work: (objects: Objects) => Promise<T>): Promise<T> =>
    attempt(repository, async () => work(await repository.objects()));
  return {
    fetch: () =>
      attempt(repository, async () => {
        const tip = await repository.refresh();
        return tip ?? refuseMissing(repository);
      }),
    tree: async (revision) => {
      const root = await attempt(repository, async () => {
        const tree = await commitTree(repository, revision);
        return descend(await repository.objects(), tree, parts);
      });
      return openTree({ withObjects, folders, limits }, revision, root);
    },
    relation: (previous, revision) => attempt(repository, () => relate(repository, previous, revision)),
  };
}

function refuseMissing({ branch, shown }: Repository): never {
  return refuse('BranchMissing', `${shown} has no branch ${branch}, or no commit on it`, {
    hint: 'Commit something to it, or name another branch.',
  });
}

/** Tree id of a commit, which may lie deeper in the history than what is here. */
async function commitTree(repository: Repository, revision: string): Promise<string> {
  if (!/^[0-9a-f]{40}$/.test(revision)) refuse('BadRevision', `\`${printable(revision)}\` is no full commit id`);
  do {
    const commit = await (await repository.objects()).commit(revision);
    if (commit !== null) return commit.tree;
  } while (await repository.deepen());
  return refuse('RevisionMissing', `Commit ${revision} is not in ${repository.shown}`);
}

async function descend(objects: Objects, root: string, parts: readonly string[]): Promise<string> {
  let tree = root;
  for (const part of parts) {
    const raw = Buffer.from(part, 'utf8').toString('latin1');
    const entry = (await objects.tree(tree)).find(({ rawName, mode }) => rawName === raw && mode === FOLDER);
    if (entry === undefined) return refuse('PathMissing', `The repository has no folder ${printable(parts.join('/'))}`);
    tree = entry.oid;
  }
  return tree;
}
