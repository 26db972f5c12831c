import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './program.js';

/** What is known of a lab to those who did not open it. */
export interface LabRecord {
  /** First process of the lab. */
  readonly pid: number;
  readonly hosts: readonly { readonly name: string; readonly pid: number; readonly uri: string }[];
}

const file = 'lab.json';
/** A lab that starts has its folder a moment before it holds the lock. */
const youngMs = 20_000;

export async function writeRecord(folder: string, record: LabRecord): Promise<void> {
  await writeFile(join(folder, file), JSON.stringify(record));
}

export async function readRecord(folder: string): Promise<LabRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, file), 'utf8')) as LabRecord;
  } catch {
    return undefined;
  }
}

/** Folders of labs, running or dead. */
export async function labFolders(parent: string, prefix: string): Promise<readonly string[]> {
  const names = await readdir(parent);
  return names.filter((name) => name.startsWith(prefix)).map((name) => join(parent, name));
}

/** True while any process of the lab lives: its guard and its first process hold the lock. */
export async function isHeld(folder: string): Promise<boolean> {
  const { status } = await run(['flock', '--nonblock', '--conflict-exit-code', '9', join(folder, 'lock'), 'true']);
  return status === 9;
}

/** Removes folders of labs whose guard was killed together with them. */
export async function sweep(parent: string, prefix: string): Promise<void> {
  for (const folder of await labFolders(parent, prefix)) {
    const made = await stat(folder).catch(() => undefined);
    if (!made || Date.now() - made.mtimeMs < youngMs) continue;
    if (!(await isHeld(folder))) await rm(folder, { recursive: true, force: true });
  }
}
