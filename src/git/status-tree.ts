import { FOLDER, PLAIN_FILE, formatTree, isPlainFile } from './objects.js';
import type { Objects, TreeEntry } from './objects.js';
import { printable, refuse } from './refuse.js';
import type { StatusTree } from '../ports/index.js';
import { splitPath } from './tree.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Texts by blob id: those of the tip, so that the next reading brings only what changed. */
export type TextCache = Map<string, string | null>;

/** Path → text of all plain text files below a tree. Whatever else people put there is left out, and left alone. */
export async function readStatusTree(objects: Objects, root: string, cache: TextCache): Promise<StatusTree> {
  const files = new Map<string, string>();
  const used = new Set<string>();
  async function walk(tree: string, prefix: string): Promise<void> {
    for (const { rawName, mode, oid } of await objects.tree(tree)) {
      const name = toText(Buffer.from(rawName, 'latin1'));
      if (name === null) continue;
      const path = prefix + name;
      if (mode === FOLDER) await walk(oid, `${path}/`);
      if (!isPlainFile(mode)) continue;
      const text = cache.has(oid) ? (cache.get(oid) ?? null) : toText(await objects.blob(oid));
      cache.set(oid, text);
      used.add(oid);
      if (text !== null) files.set(path, text);
    }
  }
  await walk(root, '');
  for (const oid of cache.keys()) if (!used.has(oid)) cache.delete(oid);
  return files;
}

function toText(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** What a rendering changes: only texts that differ from what stands there. */
export function realChanges(
  current: StatusTree,
  rendered: ReadonlyMap<string, string | null>,
): ReadonlyMap<string, string | null> {
  return new Map([...rendered].filter(([path, text]) => (current.get(path) ?? null) !== text));
}

/** Writes a tree with the changes made, and adds the ids of all objects that it wrote to `written`. Null when nothing is left in it. */
export async function writeChanges(
  objects: Objects,
  base: string | null,
  changes: ReadonlyMap<string, string | null>,
  written: string[],
): Promise<string | null> {
  const write = async (type: 'blob' | 'tree', content: Buffer): Promise<string> => {
    const oid = await objects.write(type, content);
    written.push(oid);
    return oid;
  };
  async function rewrite(tree: string | null, prefix: string, changed: Changes): Promise<string | null> {
    const entries = new Map<string, TreeEntry>();
    for (const entry of tree === null ? [] : await objects.tree(tree)) entries.set(entry.rawName, entry);
    for (const [name, change] of changed) {
      const rawName = Buffer.from(name, 'utf8').toString('latin1');
      const there = entries.get(rawName);
      const path = prefix + name;
      if (change instanceof Map) {
        if (there !== undefined && there.mode !== FOLDER) refuseTaken(path);
        const oid = await rewrite(there?.oid ?? null, `${path}/`, change);
        if (oid === null) entries.delete(rawName);
        else entries.set(rawName, { rawName, mode: FOLDER, oid });
      } else {
        if (there !== undefined && !isPlainFile(there.mode)) refuseTaken(path);
        if (change === null) entries.delete(rawName);
        else entries.set(rawName, { rawName, mode: PLAIN_FILE, oid: await write('blob', Buffer.from(change, 'utf8')) });
      }
    }
    return entries.size === 0 ? null : write('tree', formatTree([...entries.values()]));
  }
  return rewrite(base, '', group(changes));
}

/** Changes of one folder: a text, null for a deletion, or the changes of a folder inside. */
type Changes = Map<string, string | null | Changes>;

function group(changes: ReadonlyMap<string, string | null>): Changes {
  const root: Changes = new Map();
  for (const [path, text] of changes) {
    const parts = splitPath(path);
    let folder = root;
    for (const part of parts.slice(0, -1)) {
      const inner = folder.get(part);
      const next: Changes = inner instanceof Map ? inner : new Map<string, string | null | Changes>();
      folder.set(part, next);
      folder = next;
    }
    folder.set(parts.at(-1) ?? '', text);
  }
  return root;
}

function refuseTaken(path: string): never {
  return refuse('StatusPathTaken', `Somebody put something else at ${printable(path)} on the status branch`, {
    hint: 'Move it away; Berth overwrites only its own plain files.',
  });
}
