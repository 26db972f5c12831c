import { promises as files } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { refuse } from './refuse.js';
import type { PushOutcome } from './send-pack.js';

/** The git folder of a repository at `path` (a work tree, a linked work tree or bare), or null when there is no repository there. */
export async function findGitFolder(path: string): Promise<string | null> {
  const inside = join(path, '.git');
  const stat = await files.stat(inside).catch(() => null);
  if (stat?.isDirectory() === true) return inside;
  if (stat?.isFile() === true) return linked(path, await files.readFile(inside, 'utf8'));
  const isBare = (await isFile(join(path, 'HEAD'))) && (await isFolder(join(path, 'objects')));
  return isBare ? path : null;
}

/** A linked work tree keeps only its own HEAD; branches and objects are in the folder that it names. */
async function linked(path: string, text: string): Promise<string | null> {
  const target = /^gitdir: (.+)$/m.exec(text)?.[1];
  if (target === undefined) return null;
  const gitdir = resolve(path, target);
  const common = await readText(join(gitdir, 'commondir'));
  return common === null ? gitdir : resolve(gitdir, common.trim());
}

/** Refuses the formats of repositories that isomorphic-git would misread. */
export async function checkFormat(gitdir: string): Promise<void> {
  const config = (await readText(join(gitdir, 'config'))) ?? '';
  const extension = /^\s*(objectformat\s*=\s*sha256|refstorage\s*=\s*reftable|partialclone\s*=)/im.exec(config)?.[1];
  if (extension !== undefined) {
    refuse('UnsupportedRepository', `${gitdir} uses a format that Berth cannot read (${extension.trim()})`, {
      hint: 'Make an ordinary clone (SHA-1, refs in files, with all objects) and use that.',
    });
  }
  if (await isFile(join(gitdir, 'objects/info/alternates'))) {
    refuse('UnsupportedRepository', `${gitdir} borrows objects from another repository`, {
      hint: 'Run `git repack -a -d` in it and remove `objects/info/alternates`, or use an ordinary clone.',
    });
  }
}

/** The commit of a full ref, loose or packed; null when it is not there. */
export async function readRef(gitdir: string, ref: string): Promise<string | null> {
  const loose = await readText(join(gitdir, ref));
  const text = loose?.trim() ?? packedRef((await readText(join(gitdir, 'packed-refs'))) ?? '', ref);
  if (text !== null && !/^[0-9a-f]{40}$/.test(text)) {
    refuse('RepositoryDamaged', `${ref} in ${gitdir} does not hold a commit id`);
  }
  return text;
}

function packedRef(text: string, ref: string): string | null {
  const line = text.split('\n').find((candidate) => candidate.slice(41) === ref && !candidate.startsWith('#'));
  return line?.slice(0, 40) ?? null;
}

/** What HEAD says: the ref of a branch, or a commit id when it is detached. */
export async function readHead(gitdir: string): Promise<string> {
  const head = ((await readText(join(gitdir, 'HEAD'))) ?? '').trim();
  return head.startsWith('ref: ') ? head.slice('ref: '.length) : head;
}

/**
 * Moves a ref from an expected commit to another the way git itself does: create `<ref>.lock`, look again, write, rename. So git and Berth keep each other
 * out, and no git is needed. `git update-ref` would cost a process a commit and run the repository's hooks.
 */
export async function swapRef(gitdir: string, ref: string, from: string | null, to: string): Promise<PushOutcome> {
  const path = join(gitdir, ref);
  const lock = `${path}.lock`;
  const file = await createLock(lock, ref);
  if (file === null)
    return { kind: 'moved', reason: `${lock} is there: another process writes, or one was killed while it wrote` };
  let renamed = false;
  try {
    if ((await readRef(gitdir, ref)) !== from) return { kind: 'moved', reason: 'the branch has moved' };
    await file.writeFile(`${to}\n`);
    await file.sync();
    await files.rename(lock, path);
    renamed = true;
    return { kind: 'won' };
  } finally {
    await file.close();
    if (!renamed) await files.rm(lock, { force: true });
  }
}

/** Null when somebody else has the lock. */
async function createLock(lock: string, ref: string): Promise<files.FileHandle | null> {
  try {
    await files.mkdir(dirname(lock), { recursive: true });
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') return refuseReadOnly(ref, code);
    return refuse('BranchInTheWay', `${ref} cannot be created: a branch has the name of one of its folders`, {
      hint: 'Rename that branch, or configure another status branch.',
    });
  }
  try {
    return await files.open(lock, 'wx', 0o666);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    // ENOENT: git has removed the empty folder of a deleted branch in between.
    return code === 'EEXIST' || code === 'ENOENT' ? null : refuseReadOnly(ref, code);
  }
}

function refuseReadOnly(ref: string, code: string): never {
  return refuse('RepositoryReadOnly', `${ref} cannot be written (${code})`, { answer: 'wait' });
}

async function readText(path: string): Promise<string | null> {
  try {
    return await files.readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await files.stat(path).catch(() => null))?.isFile() ?? false;
}

async function isFolder(path: string): Promise<boolean> {
  return (await files.stat(path).catch(() => null))?.isDirectory() ?? false;
}
