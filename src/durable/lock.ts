import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isProcessGone, processIdentity } from './process.js';

/** Longest time that a lock is waited for; what is done under one takes milliseconds. */
const PATIENCE_MS = 10_000;
const POLL_MS = 3;

/** Somebody else keeps the lock; the message names the file and the process. */
export class Locked extends Error {
  override readonly name = 'Locked';
}

/**
 * Runs `work` while a lock file beside `path` keeps other processes out. The work is synchronous, so one process never
 * holds the lock twice, and a lock file that carries our own process id can only be left over from a killed process.
 */
export function withLock<T>(path: string, work: () => T): T {
  const lock = `${path}.lock`;
  take(lock);
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): void {
  for (let waitedMs = 0; !create(lock); waitedMs += POLL_MS) {
    const owner = readOwner(lock);
    if (owner !== null && isGone(owner)) breakStale(lock, owner);
    else if (waitedMs > PATIENCE_MS) throw new Locked(lockedMessage(lock, owner));
    else pause(POLL_MS);
  }
}

function lockedMessage(lock: string, owner: string | null): string {
  return `${lock} is held by ${owner ?? 'an unknown process'}; if that process is none of Berth's, remove the file`;
}

function create(lock: string): boolean {
  try {
    writeFileSync(lock, processIdentity(), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null while the file is being written or has just gone. */
function readOwner(lock: string): string | null {
  try {
    const text = readFileSync(lock, 'utf8');
    if (/^\S+ \d+ \S+$/.test(text)) return text;
    return ageMs(lock) > PATIENCE_MS / 2 ? `${hostname()} 0 never` : null;
  } catch {
    return null;
  }
}

function isGone(owner: string): boolean {
  const [host, pid] = owner.split(' ');
  return (host === hostname() && Number(pid) === process.pid) || isProcessGone(owner);
}

/**
 * Removes a lock whose owner is gone. A second lock file keeps two waiters from removing one after the other: the later one
 * would remove what the earlier one has taken meanwhile.
 */
function breakStale(lock: string, owner: string): void {
  const breaking = `${lock}.break`;
  if (!create(breaking)) {
    if (ageMs(breaking) > PATIENCE_MS / 2) rmSync(breaking, { force: true });
    else pause(POLL_MS);
    return;
  }
  try {
    if (readOwner(lock) === owner) rmSync(lock, { force: true });
  } finally {
    rmSync(breaking, { force: true });
  }
}

function ageMs(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
