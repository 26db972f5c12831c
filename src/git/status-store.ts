import type { Clock, StatusStore, StatusTree } from '../ports/index.js';
import type { Credentials } from './location.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { Repository } from './repository.js';
import type { RepositoryLimits } from './limits.js';
import type { Signature } from './commit-text.js';
import type { TextCache } from './status-tree.js';
import { attempt } from './attempt.js';
import { openRepository } from './open-repository.js';
import { publish } from './publish.js';
import { readStatusTree } from './status-tree.js';

export interface StatusStoreOptions {
  /** Path of a repository, or an http(s) address. */
  readonly location: string;
  readonly branch: string;
  readonly author: Signature;
  /** Left out: the author. */
  readonly committer?: Signature;
  /** File of a private ssh key that signs every commit. Left out: commits are not signed. */
  readonly signingKey?: string;
  /** Disposable; only remotes use it. */
  readonly cacheDir: string;
  readonly credentials?: Credentials | null;
  readonly limits?: Partial<RepositoryLimits>;
  readonly clock: Clock;
  /** Numbers from 0 to 1 for the pauses between two tries. */
  readonly random: () => number;
}

/** Opens the branch that status is written to. It need not exist yet: the first publication makes it, without a parent. */
export async function openStatusStore(options: StatusStoreOptions): Promise<StatusStore> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const repository = await openRepository({ ...options, limits });
  const texts: TextCache = new Map();
  const tipTree = async (tip: string | null): Promise<string | null> =>
    tip === null ? null : ((await (await repository.objects()).commit(tip))?.tree ?? null);
  const read = async (tip: string | null): Promise<StatusTree> => {
    const tree = await tipTree(tip);
    return tree === null ? new Map() : readStatusTree(await repository.objects(), tree, texts);
  };
  return {
    read: () =>
      attempt(repository, async () => {
        const revision = await repository.refresh();
        return { revision, tree: await read(revision) };
      }),
    publish: (publication) => publish({ ...options, repository, read }, publication),
    log: (limit) => attempt(repository, () => log(repository, limit)),
  };
}

interface LogEntry {
  readonly revision: string;
  readonly message: string;
  readonly at: number;
}

/** The commits of the branch along first parents; a shallow cache is deepened as far as the answer needs. */
async function log(repository: Repository, limit: number): Promise<readonly LogEntry[]> {
  const tip = await repository.refresh();
  for (;;) {
    const { entries, cut } = await firstParents(repository, tip, limit);
    if (!cut || !(await repository.deepen())) return entries;
  }
}

async function firstParents(
  repository: Repository,
  tip: string | null,
  limit: number,
): Promise<{ readonly entries: readonly LogEntry[]; readonly cut: boolean }> {
  const objects = await repository.objects();
  const entries: LogEntry[] = [];
  let next = tip;
  while (next !== null && entries.length < limit) {
    const commit = await objects.commit(next);
    if (commit === null) return { entries, cut: true };
    entries.push({ revision: next, message: commit.message, at: commit.at });
    next = commit.parents[0] ?? null;
  }
  return { entries, cut: false };
}
