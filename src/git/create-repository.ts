import * as git from 'isomorphic-git';
import { branchRef } from './branch.js';
import { fileSystem as fs } from './file-system.js';

/** Makes an empty bare repository at `path`, whose HEAD points to `branch`. */
export async function createRepository(path: string, branch: string): Promise<void> {
  branchRef(branch);
  await git.init({ fs, bare: true, dir: path, gitdir: path, defaultBranch: branch });
}
