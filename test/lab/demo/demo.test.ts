import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeLab } from '../describe.js';

const dispatcher = fileURLToPath(new URL('../demo.js', import.meta.url));
let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'berth-test-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Runs the demo; `seen` is called with all of its output so far and may send a signal. */
async function demo(args: readonly string[], seen?: (text: string, kill: (signal: 'SIGTERM') => void) => void) {
  const child = spawn(process.execPath, [dispatcher, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: scratch },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (text) => (stderr += String(text)));
  child.stdout.on('data', (text) => {
    stdout += String(text);
    seen?.(stdout, (signal) => child.kill(signal));
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

describe('npm run demo', () => {
  it('explains itself when it does not know the driver', async () => {
    const { code, stdout, stderr } = await demo(['--driver', 'unicorn']);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain('usage: npm run demo -- [--driver simulator|libvirt]');
  });

  it('leaves other arguments to the demo of the program', async () => {
    const { code, stdout } = await demo(['--driver=simulator', '--help']);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('berth demo') as string });
  });
});

describeLab('npm run demo -- --driver libvirt', ['guests'], () => {
  it('moves real machines from commits to status commits, checks it by virsh, and leaves nothing behind', async () => {
    const { code, stdout } = await demo(['--driver', 'libvirt']);
    expect(stdout).not.toContain('✘');
    expect(stdout).toMatch(/✔ web-1 {2}h\d → h\d {2}arrived/);
    expect(stdout).toMatch(/pings of web-1: \d+ sent, \d+ lost, longest silence \d+ ms/);
    expect(stdout).toMatch(/✔ \d\d checks passed, in \d+ s/);
    expect(code).toBe(0);
    expect(await readdir(scratch)).toEqual([]);
  });

  it('leaves nothing behind when it is told to stop', async () => {
    const stopped = await demo(['--driver', 'libvirt'], (text, kill) => {
      if (text.includes('2  A repository')) kill('SIGTERM');
    });
    expect(stopped.code).toBe(143);
    expect(stopped.stderr).toContain('stopped; the hypervisors and the repository are gone');
    expect(await readdir(scratch)).toEqual([]);
  });
});
