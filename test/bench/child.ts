import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Ran {
  readonly output: string;
  readonly wallSeconds: number;
  /** CPU time of the process, in user mode. */
  readonly cpuSeconds: number;
}

/** Runs a program and measures it; answers with null when it is not installed. Throws when it fails. */
export function run(program: string, args: readonly string[]): Ran | null {
  const begin = performance.now();
  // `times` is in every shell: its second line tells the CPU time of the children.
  const script = '"$0" "$@"; code=$?; times 1>&2; exit $code';
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, program, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status === 127) return null;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr.slice(-400)}`);
  const [, minutes = '0', seconds = '0'] = /(\d+)m([\d.]+)s \S+\s*$/.exec(stderr) ?? [];
  return {
    output: stdout,
    wallSeconds: (performance.now() - begin) / 1000,
    cpuSeconds: Number(minutes) * 60 + Number(seconds),
  };
}

/** Runs a command of this bench in a process of its own, as `npm run bench -- …` does, so that its memory is its own. */
export function runBench(args: readonly string[]): Ran {
  const program = fileURLToPath(new URL('alone.js', import.meta.url));
  const ran = run(process.execPath, [program, ...args]);
  if (ran === null) throw new Error(`${process.execPath} cannot be run`);
  return ran;
}

/** Calls `use` with a folder that is gone afterwards. */
export function withFolder<T>(use: (path: (name: string) => string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'berth-bench-'));
  try {
    return use((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a pattern's first group matches, as a number; NaN: nothing. */
export function figure(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? NaN);
}

/** Whether a program is on the path. */
export function installed(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}
