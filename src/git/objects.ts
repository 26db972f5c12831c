import * as git from 'isomorphic-git';
import { Damage } from './refuse.js';
import { fileSystem as fs } from './file-system.js';

interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The objects of one git folder. A missing or unreadable object is {@link Damage}, or null where the method says so. */
export interface Objects {
  readonly gitdir: string;
  /** Null when there is no such commit here. */
  commit(oid: string): Promise<Commit | null>;
  tree(oid: string): Promise<readonly TreeEntry[]>;
  blob(oid: string): Promise<Buffer>;
  write(type: 'blob' | 'tree' | 'commit', content: Buffer): Promise<string>;
  pack(oids: readonly string[]): Promise<Uint8Array>;
  /** Commits whose parents are not here although they exist. */
  shallow(): Promise<ReadonlySet<string>>;
}

export interface TreeEntry {
  /** Octal, without leading zero, as git writes it. */
  readonly mode: string;
  /** One character a byte (Latin-1), so that names which are not UTF-8 survive a rewrite. */
  readonly rawName: string;
  readonly oid: string;
}

/** Reads between two drops of the cache, which holds whole packs and grows. */
const READS_PER_CACHE = 200_000;

/** Opens the objects below `gitdir`. */
export function openObjects(gitdir: string): Objects {
  let cache = {};
  let reads = 0;

  async function read(oid: string, type: string): Promise<Buffer | null> {
    if (++reads % READS_PER_CACHE === 0) cache = {};
    try {
      // Parsed trees would lose names that are not UTF-8 and the exact modes.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      const found = await git.readObject({ fs, gitdir, oid, cache, format: 'content' });
      if (found.type !== type) throw new Damage(`object ${oid} is a ${found.type}, not a ${type}`);
      return Buffer.from(found.object as Uint8Array);
    } catch (error) {
      cache = {};
      if (error instanceof git.Errors.NotFoundError) return null;
      if (error instanceof Damage) throw error;
      throw new Damage(`object ${oid} cannot be read (${error instanceof Error ? error.name : 'unknown error'})`);
    }
  }

  async function need(oid: string, type: string): Promise<Buffer> {
    const content = await read(oid, type);
    if (content === null) throw new Damage(`object ${oid} is missing`);
    return content;
  }

  return {
    gitdir,
    commit: async (oid) => {
      const content = await read(oid, 'commit');
      return content === null ? null : parseCommit(oid, content.toString('utf8'));
    },
    tree: async (oid) => (oid === EMPTY_TREE ? [] : parseTree(oid, await need(oid, 'tree'))),
    blob: (oid) => need(oid, 'blob'),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the counterpart of the raw reading above
    write: (type, object) => git.writeObject({ fs, gitdir, type, object, format: 'content' }),
    pack: async (oids) => {
      const { packfile } = await git.packObjects({ fs, gitdir, oids: [...oids], cache, write: false });
      if (packfile === undefined) throw new Damage('no pack was made');
      return packfile;
    },
    shallow: async () => {
      const text = await fs.promises.readFile(`${gitdir}/shallow`, 'utf8').catch(() => '');
      return new Set(text.split('\n').filter((line) => line !== ''));
    },
  };
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

function parseCommit(oid: string, text: string): Commit {
  const end = text.indexOf('\n\n');
  const head = end === -1 ? text : text.slice(0, end);
  const tree = /^tree ([0-9a-f]{40})$/m.exec(head)?.[1];
  const seconds = /^committer .*> (\d{1,12}) [+-]\d{4}$/m.exec(head)?.[1];
  if (tree === undefined) throw new Damage(`commit ${oid} names no tree`);
  return {
    tree,
    parents: [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map((match) => match[1] ?? ''),
    message: end === -1 ? '' : text.slice(end + 2),
    at: Number(seconds ?? 0) * 1000,
  };
}

function parseTree(oid: string, content: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let offset = 0; offset < content.length;) {
    const space = content.indexOf(0x20, offset);
    const end = content.indexOf(0, offset);
    if (space === -1 || end < space || end + 21 > content.length) throw new Damage(`tree ${oid} is cut short`);
    entries.push({
      mode: content.toString('latin1', offset, space),
      rawName: content.toString('latin1', space + 1, end),
      oid: content.toString('hex', end + 1, end + 21),
    });
    offset = end + 21;
  }
  return entries;
}

/** The bytes of a tree object, entries in git's order: a folder sorts as if its name ended in a slash. */
export function formatTree(entries: readonly TreeEntry[]): Buffer {
  const key = (entry: TreeEntry): string => entry.rawName + (entry.mode === FOLDER ? '/' : '');
  const sorted = [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return Buffer.concat(
    sorted.flatMap((entry) => [
      Buffer.from(`${entry.mode} ${entry.rawName}\0`, 'latin1'),
      Buffer.from(entry.oid, 'hex'),
    ]),
  );
}

export const FOLDER = '40000';
export const PLAIN_FILE = '100644';

/** True for a plain file, executable or not. */
export function isPlainFile(mode: string): boolean {
  return mode === PLAIN_FILE || mode === '100755' || mode === '100664';
}
