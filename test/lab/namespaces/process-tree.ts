import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Children of a process by its id, in order of age; none when it is gone. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** True while the process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The first process of the namespace that `unshare --fork` made: the oldest child of the process that became `unshare`. */
export function firstBelow(pid: number, depth: number): number | undefined {
  let current: number | undefined = pid;
  for (let level = 0; level < depth && current !== undefined; level += 1) current = childrenOf(current)[0];
  return current;
}

/** Looks every 10 ms whether something is `done`; rejects after `limitMs` with what it waited for. */
export async function until(what: string, limitMs: number, done: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`after ${limitMs} ms ${what}`);
    await sleep(10);
  }
}

/** Waits for the file that a first process writes when its namespace is ready. */
export function ready(file: string, limitMs = 30_000): Promise<void> {
  return until(`there is no ${file}`, limitMs, () => existsSync(file));
}
