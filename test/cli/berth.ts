import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** The built program. */
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for one test file, gone when the file is done. */
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-test-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of an example to edit, without what is only there for its tests. */
export async function copyExample(name: string, to: string): Promise<string> {
  await cp(join(EXAMPLES, name), to, { recursive: true });
  return to;
}

/** The built program as a child process, with nothing of the caller's configuration. */
export function berth(
  args: readonly string[],
  options: { readonly home: string; readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Finished> {
  const env = { PATH: process.env['PATH'], HOME: options.home, ...options.env };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { env, cwd: options.cwd ?? options.home, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}
