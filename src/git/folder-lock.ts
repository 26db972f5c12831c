import { promises as files } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryError } from './refuse.js';

const POLL_MS = 25;

/** Contents of the locks that this process holds. A restarted container gets the same process id again. */
const held = new Set<string>();

/**
 * Runs `work` while no other process that uses this function works in the same folder. A lock whose process is gone is broken;
 * what it guards is a cache that can be made anew, so nothing depends on the lock when two hosts share the folder.
 */
export async function withFolderLock<T>(folder: string, patienceMs: number, work: () => Promise<T>): Promise<T> {
  const lock = `${folder}.lock`;
  const content = `${process.pid} ${randomUUID()}`;
  // Before the file is there, so that nobody in this process takes it for one that was left behind.
  held.add(content);
  try {
    await wait(lock, content, performance.now() + patienceMs);
    return await work().finally(() => files.rm(lock, { force: true }));
  } finally {
    held.delete(content);
  }
}

async function wait(lock: string, content: string, giveUpAt: number): Promise<void> {
  while (!(await take(lock, content))) {
    await breakStale(lock);
    if (performance.now() > giveUpAt) {
      throw repositoryError('CacheBusy', `${lock} is held by another process`, { answer: 'wait' });
    }
    await sleep(POLL_MS);
  }
}

/** The lock appears with its content in one step, so that a crash never leaves one without an owner. */
async function take(lock: string, content: string): Promise<boolean> {
  const written = `${lock}.${content.replace(' ', '-')}`;
  await files.writeFile(written, content);
  try {
    await files.link(written, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await files.rm(written, { force: true });
  }
}

async function breakStale(lock: string): Promise<void> {
  const content = await files.readFile(lock, 'utf8').catch(() => '');
  const pid = /^(\d+) \S/.exec(content)?.[1];
  if (pid === undefined || isHeld(Number(pid), content)) return;
  const now = await files.readFile(lock, 'utf8').catch(() => '');
  if (now === content) await files.rm(lock, { force: true });
}

function isHeld(pid: number, content: string): boolean {
  if (pid === process.pid) return held.has(content);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
