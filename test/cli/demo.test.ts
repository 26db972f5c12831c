import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { berth, scratch } from './berth.js';

const home = await scratch();
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

describe('berth demo', () => {
  it('shows overload, drain and refusal on a real Git server, checks the end state, and leaves nothing behind (claims 1-7)', async () => {
    const { code, stdout, stderr } = await berth(['demo'], { home, env: { TMPDIR: home } });
    expect(stderr).toBe('');
    expect(stdout).not.toContain('✘');
    expect(stdout).toMatch(/berth-dummy-cu-up-1-core on edge-a2 holds/);
    expect(stdout).toMatch(/Berth-Source-Revision: [0-9a-f]{40}/);
    expect(stdout).toMatch(/du-4 {2}NoFeasibleHost/);
    expect(stdout).toMatch(/✔ \d\d checks passed/);
    expect(code).toBe(0);
    expect(await readdir(home)).toEqual([]);
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const phases = lines.filter((line) => /^ {3}[▸✔] /.test(line) && line.includes('→'));
    expect(phases.length).toBeGreaterThan(20);
    expect(phases).toEqual([...new Set(phases)]);
  });

  it.each([
    { signal: 'SIGINT', exit: 130, after: 'Berth', reason: 'while the repository is made' },
    { signal: 'SIGTERM', exit: 143, after: 'migrating', reason: 'while a machine moves' },
    { signal: 'SIGHUP', exit: 129, after: 'holds', reason: 'while a dummy stands' },
  ] as const)('leaves nothing behind after $signal $reason, and says so', async ({ signal, exit, after }) => {
    const child = spawn(process.execPath, [MAIN, 'demo'], {
      env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'close') as Promise<[number]>;
    let said = '';
    child.stderr.on('data', (text) => (said += String(text)));
    child.stdout.on('data', (text) => String(text).includes(after) && child.kill(signal));
    const [code] = await exited;
    expect({ code, said }).toEqual({ code: exit, said: 'stopped; the repository and the cluster are gone\n' });
    expect(await readdir(home)).toEqual([]);
  });

  it('runs in a directory that is not its own', async () => {
    const { code } = await berth(['demo'], { home, cwd: '/', env: { TMPDIR: join(home) } });
    expect(code).toBe(0);
  });
});
