import * as git from 'isomorphic-git';
import { createHash, randomUUID } from 'node:crypto';
import { createMirrorFolder, fetchBranch } from './fetch.js';
import { basename, join } from 'node:path';
import { promises as files } from 'node:fs';
import type { Objects } from './objects.js';
import { RepositoryError } from '../ports/index.js';
import type { Repository } from './repository.js';
import type { RepositoryLimits } from './limits.js';
import type { Transport } from './transport.js';
import { branchRef } from './branch.js';
import { fileSystem as fs } from './file-system.js';
import { openObjects } from './objects.js';
import { readRef } from './local.js';
import { remoteRefs } from './remote-refs.js';
import { sendPack } from './send-pack.js';
import { withFolderLock } from './folder-lock.js';

/** Each fetch adds a pack and nothing repacks them: after so many the mirror is made anew. */
const MAX_PACKS = 64;
/** Commits of history that are asked for, step by step; the last asks for all. */
const DEPTHS = [32, 512, 8192, 2 ** 31 - 1];

/**
 * A branch of a remote, kept in a disposable cache: the first fetch brings one commit, later ones what is new. `<cacheDir>/<key>/current`
 * names the folder in use, and a mirror that is made anew goes into another folder, so that readers are not disturbed.
 */
export function openMirror(
  transport: Transport,
  branch: string,
  cacheDir: string,
  limits: RepositoryLimits,
): Repository {
  const ref = branchRef(branch);
  const key = createHash('sha256').update(`${transport.url}\n${ref}`).digest('hex').slice(0, 16);
  const home = join(cacheDir, key);
  let opened: Objects | null = null;
  let deepened = 0;

  async function locked<T>(work: () => Promise<T>): Promise<T> {
    await files.mkdir(home, { recursive: true, mode: 0o700 });
    return withFolderLock(home, limits.requestMs * 4, work);
  }

  /** The objects of the folder in use, which another process may have replaced since the last call; null before the first fetch. */
  async function current(): Promise<Objects | null> {
    const name = await files.readFile(join(home, 'current'), 'utf8').catch(() => '');
    if (!/^[\w-]+\.git$/.test(name)) return null;
    const gitdir = join(home, name);
    if (opened?.gitdir !== gitdir) opened = openObjects(gitdir);
    return opened;
  }

  /** Puts a new folder into use when `fill` has succeeded. Its predecessor stays for those who still read it. */
  async function replace<T>(fill: (gitdir: string) => Promise<T>): Promise<T> {
    const before = await current();
    const name = `${randomUUID()}.git`;
    const gitdir = join(home, name);
    try {
      await createMirrorFolder(gitdir, transport.url);
      const filled = await fill(gitdir);
      await fs.promises.writeFile(join(home, 'current'), name);
      deepened = 0;
      await keepOnly(home, ['current', name, ...(before === null ? [] : [basename(before.gitdir)])]);
      return filled;
    } catch (error) {
      await files.rm(gitdir, { recursive: true, force: true });
      throw error;
    }
  }

  const look = async (): Promise<Seen | null> => {
    const remote = await remoteRefs(transport, 'git-upload-pack');
    const tip = remote.refs.get(ref);
    return tip === undefined ? null : { transport, ref, remote, tip, limits };
  };
  const cloneAnew = (seen: Seen): Promise<string> => replace((gitdir) => fetchBranch({ ...seen, gitdir, depth: 1 }));

  async function update(seen: Seen): Promise<string> {
    const objects = await current();
    if (objects === null || (await countPacks(objects.gitdir)) > MAX_PACKS) return cloneAnew(seen);
    const have = await readRef(objects.gitdir, ref).catch(() => null);
    if (have === seen.tip) return have;
    try {
      return await fetchBranch({ ...seen, gitdir: objects.gitdir, depth: have === null ? 1 : null });
    } catch (error) {
      // Either the server or this cache is damaged; a clone tells which.
      if (error instanceof RepositoryError && error.problem.code === 'BadServerAnswer') return cloneAnew(seen);
      throw error;
    }
  }

  async function objects(): Promise<Objects> {
    const here = await current();
    if (here !== null) return here;
    await locked(async () => (await current()) ?? replace(() => Promise.resolve()));
    return objects();
  }

  return {
    shown: transport.url,
    branch,
    objects,
    refresh: async () => {
      const seen = await look();
      return seen === null ? null : locked(() => update(seen));
    },
    deepen: async () => {
      const here = await objects();
      const depth = DEPTHS[deepened++];
      if (depth === undefined || (await here.shallow()).size === 0) return false;
      const seen = await look();
      if (seen !== null) await locked(() => fetchBranch({ ...seen, gitdir: here.gitdir, depth }));
      return seen !== null;
    },
    swap: async ({ from, to, objects: written, oids }) => {
      const outcome = await sendPack(transport, { ref, from, to }, await written.pack(oids));
      if (outcome.kind === 'won')
        await locked(() => git.writeRef({ fs, gitdir: written.gitdir, ref, value: to, force: true }));
      return outcome;
    },
    repair: async () => {
      const seen = await look();
      if (seen !== null) await locked(() => cloneAnew(seen));
      return seen !== null;
    },
  };
}

/** The branch as the remote advertised it. */
type Seen = Omit<Parameters<typeof fetchBranch>[0], 'gitdir' | 'depth'>;

async function countPacks(gitdir: string): Promise<number> {
  const names = await files.readdir(join(gitdir, 'objects/pack')).catch(() => []);
  return names.filter((name) => name.endsWith('.pack')).length;
}

async function keepOnly(folder: string, names: readonly string[]): Promise<void> {
  for (const name of await files.readdir(folder)) {
    if (!names.includes(name)) await files.rm(join(folder, name), { recursive: true, force: true });
  }
}
