import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** `host pid start`: the start time tells a process from a later one that got the same id. */
export function processIdentity(pid: number = process.pid): string {
  return `${hostname()} ${pid} ${startOf(pid)}`;
}

/** True when a process is known to be dead; of a process on another host nothing is known. */
export function isProcessGone(identity: string): boolean {
  const [host, pid] = identity.split(' ');
  if (host !== hostname()) return false;
  return Number(pid) === 0 || !isAlive(Number(pid)) || processIdentity(Number(pid)) !== identity;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time of a process in clock ticks since boot where the system tells it, else `-`. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}
