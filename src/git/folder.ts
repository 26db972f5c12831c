import { constants, promises as files } from 'node:fs';
import type { Dirent } from 'node:fs';
import type { RepositoryError, Source, SourceTree, TreeFile } from '../ports/index.js';
import { decodeText, refuseLarge } from './text.js';
import { foldedName, nameFault } from './name.js';
import { isDocumentName, refuseSymlink, refuseTwins, splitPath } from './tree.js';
import { printable, refuse, repositoryError } from './refuse.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { RepositoryLimits } from './limits.js';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** The files of a folder as they are now, be it a repository's work tree or not. Its revision is `folder`; what a commit's tree refuses is refused here. */
export async function openFolder(path: string, partialLimits: Partial<RepositoryLimits> = {}): Promise<Source> {
  const limits = { ...DEFAULT_LIMITS, ...partialLimits };
  const root = await files.realpath(path).catch(() => null);
  if (root === null || !(await files.stat(root)).isDirectory()) {
    return refuse('FolderMissing', `There is no folder ${printable(path)}`);
  }
  return {
    fetch: () => Promise.resolve('folder'),
    tree: () => folderTree(root, limits),
    relation: (previous, revision) => Promise.resolve(previous === revision ? 'same' : 'unrelated'),
  };
}

async function folderTree(root: string, limits: RepositoryLimits): Promise<SourceTree> {
  const paths = await listDocuments(root, limits);
  const documents: TreeFile[] = [];
  for (const path of paths) {
    const content = await readPlain(root, path, limits);
    if (content === null) throw changed(path);
    documents.push({ path, blob: blobId(content), bytes: content.length });
  }
  return {
    revision: 'folder',
    files: documents,
    read: async ({ path, blob }) => {
      const content = await readPlain(root, path, limits);
      if (content === null || blobId(content) !== blob) throw changed(path);
      return decodeText(content, path, limits.blobBytes);
    },
    readPath: async (path) => {
      const content = await readPlain(root, splitPath(path).join('/'), limits);
      return content === null ? null : decodeText(content, path, limits.blobBytes);
    },
  };
}

function changed(path: string): RepositoryError {
  return repositoryError('SourceChanged', `${printable(path)} changed while it was read`, { answer: 'retry' });
}

async function listDocuments(root: string, limits: RepositoryLimits): Promise<readonly string[]> {
  const found: string[] = [];
  let entries = 0;
  async function walk(prefix: string, depth: number): Promise<void> {
    if (depth > limits.depth) refuse('TreeTooDeep', `${printable(prefix)} lies more than ${limits.depth} folders deep`);
    const inside = await files.readdir(join(root, prefix), { withFileTypes: true });
    entries += inside.length;
    if (entries > limits.files) refuse('TooManyFiles', `The source has more than ${limits.files} files`);
    const seen = new Map<string, string>();
    for (const entry of inside) {
      const twin = seen.get(foldedName(entry.name));
      if (twin !== undefined) refuseTwins(prefix, twin, entry.name);
      seen.set(foldedName(entry.name), entry.name);
      if (!isInView(entry, prefix)) continue;
      if (entry.isDirectory()) await walk(`${prefix}${entry.name}/`, depth + 1);
      else if (!isDocumentName(entry.name)) continue;
      else if (entry.isFile()) found.push(prefix + entry.name);
      else refuse('NotAFile', `${printable(prefix + entry.name)} is no plain file`);
    }
  }
  await walk('', 0);
  return found.sort((a, b) => (a < b ? -1 : 1));
}

function isInView(entry: Dirent, prefix: string): boolean {
  const path = prefix + entry.name;
  if (prefix === '' && entry.name === '.git') return false;
  if (entry.name === '.git') {
    return refuse('SubmoduleInTree', `${printable(prefix)} is a repository of its own`, {
      hint: 'Move it out of the folder.',
    });
  }
  const fault = nameFault(entry.name);
  if (fault !== null) refuse('UnsafeName', `\`${printable(path)}\`: the name ${fault}`);
  if (entry.name.startsWith('.')) return false;
  if (entry.isSymbolicLink()) refuseSymlink(path);
  return true;
}

/** The content of a plain file; null when it is absent or something else. A link anywhere on the way is refused. */
async function readPlain(root: string, path: string, limits: RepositoryLimits): Promise<Buffer | null> {
  const parts = path.split('/');
  for (let count = 1; count <= parts.length; count++) {
    const stat = await files.lstat(join(root, ...parts.slice(0, count))).catch(() => null);
    if (stat === null) return null;
    if (stat.isSymbolicLink()) refuseSymlink(parts.slice(0, count).join('/'));
    if (count === parts.length && !stat.isFile()) return null;
  }
  // Neither a link nor a pipe that took the file's place in the meantime is followed or waited for.
  const file = await files.open(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (stat.size > limits.blobBytes) refuseLarge(path, limits.blobBytes);
    return stat.isFile() ? await file.readFile() : null;
  } finally {
    await file.close();
  }
}

/** Object id that git gives to a content. */
function blobId(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}
