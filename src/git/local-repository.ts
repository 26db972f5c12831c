import { readHead, readRef, swapRef } from './local.js';
import { branchRef } from './branch.js';
import { openObjects } from './objects.js';
import type { Repository } from './repository.js';

/** A repository on this machine, read and written in place. Without a branch it is the one that HEAD points to, or a detached HEAD itself. */
export function openLocalRepository(gitdir: string, branch: string | null): Repository {
  const objects = openObjects(gitdir);
  const ref = branch === null ? null : branchRef(branch);
  return {
    shown: gitdir,
    branch: branch ?? 'HEAD',
    refresh: async () => {
      const target = ref ?? (await readHead(gitdir));
      if (/^[0-9a-f]{40}$/.test(target)) return target;
      return readRef(gitdir, branchRef(target.replace(/^refs\/heads\//, '')));
    },
    objects: () => Promise.resolve(objects),
    deepen: () => Promise.resolve(false),
    swap: async ({ from, to }) => swapRef(gitdir, ref ?? (await readHead(gitdir)), from, to),
    repair: () => Promise.resolve(false),
  };
}
