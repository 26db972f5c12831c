import { checkFormat, findGitFolder } from './local.js';
import type { Credentials } from './location.js';
import type { Repository } from './repository.js';
import type { RepositoryLimits } from './limits.js';
import { branchRef } from './branch.js';
import { openLocalRepository } from './local-repository.js';
import { openMirror } from './mirror.js';
import { openTransport } from './transport.js';
import { parseLocation } from './location.js';
import { printable, refuse } from './refuse.js';
import { remoteRefs } from './remote-refs.js';

interface RepositoryOptions {
  readonly location: string;
  readonly branch?: string;
  readonly cacheDir: string;
  readonly credentials?: Credentials | null;
  readonly limits: RepositoryLimits;
}

/** Opens one branch of a local or remote repository. */
export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  const { branch, cacheDir, limits } = options;
  if (branch !== undefined) branchRef(branch);
  const location = parseLocation(options.location);
  if (location.kind === 'http') {
    const transport = openTransport(location.url, location.credentials ?? options.credentials ?? null, limits);
    if (branch !== undefined) return openMirror(transport, branch, cacheDir, limits);
    const { head } = await remoteRefs(transport, 'git-upload-pack');
    const named = head?.replace(/^refs\/heads\//, '');
    if (named === undefined)
      refuse('BranchMissing', `${transport.url} does not tell its default branch`, { hint: 'Name the branch.' });
    return openMirror(transport, named, cacheDir, limits);
  }
  const gitdir = await findGitFolder(location.path);
  if (gitdir === null) {
    return refuse('RepositoryMissing', `There is no git repository at ${printable(location.path)}`, {
      hint: 'Check the path; `git init` makes a repository.',
    });
  }
  await checkFormat(gitdir);
  return openLocalRepository(gitdir, branch ?? null);
}
