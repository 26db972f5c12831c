import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { firstBelow, until } from './process-tree.js';

const scripts = new URL('.', import.meta.url).pathname;

/** The process that holds a lab, outside of it. */
export interface Guard {
  readonly pid: number;
  /** Ends the lab and resolves when its folder is gone. */
  end(): Promise<void>;
}

/** Begins a lab: `guard.sh` with the lab's first process below it. Unless it is `kept`, it ends with this process. */
export function startGuard(folder: string, kept: boolean): Guard {
  const log = openSync(join(folder, 'guard.log'), 'a');
  const child = spawn('bash', [join(scripts, 'guard.sh'), folder, kept ? 'kept' : 'watched'], {
    stdio: [kept ? 'ignore' : 'pipe', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  return {
    pid: child.pid ?? 0,
    end: async () => {
      child.stdin?.destroy();
      const init = firstBelow(child.pid ?? 0, 2);
      if (init !== undefined) process.kill(init, 'SIGKILL');
      await until(`${folder} is still there`, 30_000, () => !existsSync(folder));
    },
  };
}
