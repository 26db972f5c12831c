import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** What a lab might leave behind in the machine around it. */
export interface Outside {
  readonly mounts: readonly string[];
  readonly interfaces: readonly string[];
}

/** Mount points and interfaces of this process's own namespaces. */
export function outside(): Outside {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  const devices = readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2);
  return {
    mounts: mounts.map((line) => line.split(' ')[4] ?? '').sort(),
    interfaces: [
      ...Object.keys(networkInterfaces()),
      ...devices.map((line) => line.split(':')[0]?.trim() ?? ''),
    ].sort(),
  };
}

/** Ids of the processes whose command line names a folder, or that live in one of the namespaces. */
export function processesOf(folder: string, namespaces: ReadonlySet<string> = new Set()): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .filter((pid) => commandOf(pid).includes(folder) || namespacesOf(pid).some((one) => namespaces.has(one)))
    .map(Number);
}

/** The namespaces of a process by which a lab's differ from those around it. */
export function namespacesOf(pid: number | string): readonly string[] {
  try {
    return ['net', 'mnt', 'pid'].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
  } catch {
    return [];
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
