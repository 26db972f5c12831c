import { FOLDER, isPlainFile } from './objects.js';
import type { Objects, TreeEntry } from './objects.js';
import type { SourceTree, TreeFile } from '../ports/index.js';
import { foldedName, nameFault } from './name.js';
import { printable, refuse } from './refuse.js';
import { Damage } from './refuse.js';
import type { RepositoryLimits } from './limits.js';
import { decodeText } from './text.js';

/** One folder of a commit, checked: its documents and the folders that may hold more. */
interface Folder {
  readonly documents: readonly { readonly name: string; readonly blob: string }[];
  readonly folders: readonly { readonly name: string; readonly oid: string }[];
  /** Entries of every kind. */
  readonly entries: number;
}

/** Checked folders by tree id: what did not change between two commits is not read again. Share one between the trees of a source. */
export type FolderCache = Map<string, Folder>;

/** Folders that are kept; beyond it the cache starts anew. */
const CACHED_FOLDERS = 200_000;

export interface TreeContext {
  /** Works on the objects, with one more try after a repair; throws only problems. */
  readonly withObjects: <T>(work: (objects: Objects) => Promise<T>) => Promise<T>;
  readonly folders: FolderCache;
  readonly limits: RepositoryLimits;
}

/** The documents below the tree `root` of a commit. Symlinks, submodules and dangerous names anywhere in view refuse the whole tree. */
export async function openTree(context: TreeContext, revision: string, root: string): Promise<SourceTree> {
  const { withObjects, limits } = context;
  const readText = async (path: string, blob: string): Promise<string> =>
    decodeText(await withObjects((objects) => objects.blob(blob)), path, limits.blobBytes);
  const files = await withObjects((objects) => listDocuments(objects, context, root));
  return {
    revision,
    files,
    read: (file) => readText(file.path, file.blob),
    readPath: async (path) => {
      const blob = await withObjects((objects) => findFile(objects, root, path));
      return blob === null ? null : readText(path, blob);
    },
  };
}

async function listDocuments(objects: Objects, context: TreeContext, root: string): Promise<readonly TreeFile[]> {
  const { folders: cache, limits } = context;
  if (cache.size > CACHED_FOLDERS) cache.clear();
  const files: TreeFile[] = [];
  let entries = 0;
  async function walk(oid: string, prefix: string, depth: number): Promise<void> {
    if (depth > limits.depth) refuse('TreeTooDeep', `${printable(prefix)} lies more than ${limits.depth} folders deep`);
    const folder = cache.get(oid) ?? checkFolder(await objects.tree(oid), prefix);
    cache.set(oid, folder);
    entries += folder.entries;
    if (entries > limits.files) refuse('TooManyFiles', `The source has more than ${limits.files} files`);
    for (const { name, blob } of folder.documents) files.push({ path: prefix + name, blob, bytes: null });
    for (const { name, oid: inner } of folder.folders) await walk(inner, `${prefix}${name}/`, depth + 1);
  }
  await walk(root, '', 0);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function checkFolder(entries: readonly TreeEntry[], prefix: string): Folder {
  const documents: { name: string; blob: string }[] = [];
  const folders: { name: string; oid: string }[] = [];
  const seen = new Map<string, string>();
  for (const { rawName, mode, oid } of entries) {
    const name = checkName(rawName, prefix);
    const twin = seen.get(foldedName(name));
    if (twin !== undefined) refuseTwins(prefix, twin, name);
    seen.set(foldedName(name), name);
    if (name.startsWith('.')) continue;
    checkMode(mode, prefix + name);
    if (mode === FOLDER) folders.push({ name, oid });
    else if (isDocumentName(name)) documents.push({ name, blob: oid });
  }
  return { documents, folders, entries: entries.length };
}

/** True for the files that are Berth's. */
export function isDocumentName(name: string): boolean {
  return /\.ya?ml$/.test(name) && !name.startsWith('.');
}

/** Refuses two names in one folder that some file system takes for one. */
export function refuseTwins(prefix: string, one: string, other: string): never {
  return refuse(
    'NameCollision',
    `${printable(prefix + one)} and ${printable(prefix + other)} are one file on some file systems`,
    {
      hint: 'Rename one of them.',
    },
  );
}

/** The name as text; refuses one that is dangerous on some file system. */
function checkName(rawName: string, prefix: string): string {
  const name = Buffer.from(rawName, 'latin1').toString('utf8');
  const fault = nameFault(name);
  if (fault !== null) refuse('UnsafeName', `\`${printable(prefix + name)}\`: the name ${fault}`);
  return name;
}

function checkMode(mode: string, path: string): void {
  if (mode === FOLDER || isPlainFile(mode)) return;
  if (mode === '120000') refuseSymlink(path);
  if (mode === '160000') {
    refuse('SubmoduleInTree', `${printable(path)} is a submodule`, { hint: 'Commit the files themselves.' });
  }
  throw new Damage(`the mode ${mode} of an entry is unknown`);
}

/** Refuses a symbolic link. */
export function refuseSymlink(path: string): never {
  return refuse('SymlinkInTree', `${printable(path)} is a symbolic link`, {
    hint: 'Replace it by the file itself: Berth follows no links.',
  });
}

/** Blob id of a plain file; null when the path leads to nothing or to a folder. Dot-folders are allowed here. */
async function findFile(objects: Objects, root: string, path: string): Promise<string | null> {
  const parts = splitPath(path);
  let folder = root;
  for (const [index, part] of parts.entries()) {
    const raw = Buffer.from(part, 'utf8').toString('latin1');
    const entry = (await objects.tree(folder)).find(({ rawName }) => rawName === raw);
    if (entry === undefined) return null;
    checkMode(entry.mode, parts.slice(0, index + 1).join('/'));
    if (index === parts.length - 1) return entry.mode === FOLDER ? null : entry.oid;
    if (entry.mode !== FOLDER) return null;
    folder = entry.oid;
  }
  return null;
}

/** The parts of a relative path; one that leaves the source is refused. */
export function splitPath(path: string): readonly string[] {
  const parts = path.replace(/^\.\//, '').split('/');
  const fault = parts.map(nameFault).find((candidate) => candidate !== null);
  if (fault !== undefined) refuse('UnsafePath', `\`${printable(path)}\` is no path inside the source: a part ${fault}`);
  return parts;
}
