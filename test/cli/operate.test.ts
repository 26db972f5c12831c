import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFileJournal } from '../../src/journal/index.js';
import { openFileLease } from '../../src/lease/index.js';
import { SystemClock } from '../../src/clock/system.js';
import { berth, copyExample, MAIN, scratch, type Finished } from './berth.js';

const home = await scratch();

interface Bench {
  readonly folder: string;
  readonly run: (...args: string[]) => Promise<Finished>;
  /** Where the cluster keeps its journal, ledger and lease. */
  readonly state: () => string;
  readonly git: (...args: string[]) => string;
}

/** A copy of an example, as a repository with one commit, and a state folder of its own. */
async function bench(name: string, example = '03-anti-affinity-swap', cluster = 'pair'): Promise<Bench> {
  const folder = await copyExample(example, join(home, name));
  const root = join(home, `${name}-state`);
  const env = { BERTH_STATE: root, BERTH_SOURCE: folder };
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, ...identity, ...args], { encoding: 'utf8' }).trim();
  git('init', '--quiet', '-b', 'main');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'Begin');
  return {
    folder,
    git,
    run: (...args) => berth(args, { home, env }),
    state: () => join(root, readdirSync(root)[0] ?? '', cluster),
  };
}

const clock = new SystemClock();

describe('status, events, get and explain', () => {
  it('say that there is no status before the first pass, and what to do', async () => {
    const { run } = await bench('none');
    const { code, stderr } = await run('status');
    expect(stderr).toMatch(/NoStatus[^]*berth reconcile/);
    expect(code).toBe(1);
  });

  it('show what the pass did, from the status branch alone', async () => {
    const { run, git } = await bench('told');
    await run('reconcile');
    const status = await run('status');
    expect(status.stdout).toMatch(/^✔ pair: Succeeded/);
    expect(status.stdout).toMatch(/VirtualMachine +smf-red +True +Succeeded +Reserved Reconfigured Migrated/);
    const events = await run('events', '--for', 'VirtualMachine/smf-red');
    expect(events.stdout).toMatch(/Migrated: node-1 → (node-3 → )?node-2\n/);
    expect(events.stdout).not.toContain('smf-blue');
    const message = git('log', '-1', '--format=%B', 'berth/status');
    expect(message).toContain(`Berth-Source-Revision: ${git('rev-parse', 'main')}`);
    expect(() => git('merge-base', 'main', 'berth/status')).toThrow();
  });

  it('make no commit when there is no news', async () => {
    const { run, git } = await bench('news');
    await run('reconcile');
    await run('reconcile');
    const tip = git('rev-parse', 'berth/status');
    await run('reconcile');
    expect(git('rev-parse', 'berth/status')).toBe(tip);
  });

  it('wait for the cluster to be ready, and no longer than they are told', async () => {
    const { run } = await bench('wait');
    await run('reconcile');
    expect((await run('status', '--wait', '--timeout', '5s')).code).toBe(0);
    await run('suspend');
    await run('reconcile');
    expect((await run('status', '--wait', '--timeout', '1s')).code).toBe(1);
  });

  it('explain for each host why or why not', async () => {
    const { run } = await bench('why', '04-gpu-nvme-passthrough', 'training');
    const { stdout } = await run('explain', 'trainer-1');
    expect(stdout).toMatch(/✓ gpu-2/);
    expect(stdout).toMatch(/✗ gpu-3 +device-class: /);
    const unknown = await run('explain', 'trainer-9');
    expect(unknown.stderr).toMatch(/trainer-9[^]*there are: trainer-1/);
    expect(unknown.code).toBe(1);
  });
});

describe('a commit that is not valid', () => {
  it('is told with its place on the status branch, and nothing moves', async () => {
    const { run, folder, git } = await bench('invalid');
    await run('reconcile');
    await writeFile(join(folder, 'bad.yaml'), 'apiVersion: berth/v1alpha1\nkind: Hots\nmetadata: { name: x }\n');
    git('add', '--all');
    git('commit', '--quiet', '-m', 'Break it');
    const { code, stdout } = await run('reconcile');
    expect(stdout).toMatch(/InvalidDocument: bad\.yaml:2: unknown kind "Hots"/);
    expect(code).toBe(1);
    const status = await run('status', '-o', 'yaml');
    expect(status.stdout).toMatch(/type: Stalled\n +status: "?True/);
    expect(status.stdout).toContain('bad.yaml');
    git('revert', '--no-edit', 'HEAD');
    expect((await run('reconcile')).code).toBe(0);
  });

  it('is told on the terminal when no commit before it could be read', async () => {
    const { run, folder, git } = await bench('never-valid');
    await writeFile(join(folder, 'bad.yaml'), 'kind: [');
    git('add', '--all');
    git('commit', '--quiet', '-m', 'Break it');
    expect(await run('reconcile')).toMatchObject({ code: 1, stderr: expect.stringContaining('bad.yaml:1') as string });
  });
});

describe('the status branch', () => {
  it('is refused when somebody else writes it, before anything moves', async () => {
    const { run, git } = await bench('taken');
    const before = git('rev-parse', 'main');
    const { code, stderr } = await run('reconcile', '--status-branch', 'main');
    expect(stderr).toMatch(/StatusBranchTaken[^]*--status-branch/);
    expect(code).toBe(1);
    expect(git('rev-parse', 'main')).toBe(before);
    expect((await run('get', 'vm', 'smf-red')).stdout).toContain('node-1');
  });
});

describe('a reader that goes away', () => {
  it('does not leave moves half done', async () => {
    const { folder, run, state, git } = await bench('reader');
    const env = { PATH: process.env['PATH'], HOME: home, BERTH_STATE: join(home, 'reader-state') };
    const child = spawn(process.execPath, [MAIN, 'reconcile', '-o', 'json', '--source', folder], { env });
    child.stdout.once('data', () => child.stdout.destroy());
    child.stderr.once('data', () => child.stderr.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
    expect(git('log', '-1', '--format=%s', 'berth/status')).toBe('pair: Succeeded, 3 moves');
    expect(existsSync(join(state(), 'journal.ndjson'))).toBe(true);
    expect((await run('reconcile')).code).toBe(0);
  });
});

describe('what the operating system refuses', () => {
  it.each([
    ['a plan file in a folder that is not there', ['plan', '--out', '/nonexistent/plan.json']],
    ['a state folder that cannot be made', ['reconcile', '--state', '/dev/null/state']],
  ])('%s is told with what to do, not as a bug', async (_reason, args) => {
    const { run } = await bench(`refused-${args[0] ?? ''}`);
    const { code, stderr } = await run(...args);
    expect(stderr).toMatch(/SystemRefused[^]*hint: /);
    expect(code).toBe(1);
  });
});

describe('a signing key', () => {
  it('signs the status commits', async () => {
    const { run, git } = await bench('signed');
    const key = join(home, 'signing-key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    await run('reconcile', '--signing-key', key);
    expect(git('cat-file', 'commit', 'berth/status')).toContain('-----BEGIN SSH SIGNATURE-----');
  });
});

describe('berth diff', () => {
  it('exits with 1 when the cluster differs from what is written, and with 0 when it does not', async () => {
    const { run } = await bench('drifted');
    const before = await run('diff');
    expect(before.stdout).toMatch(/VirtualMachine\/smf-red\n- {2}host: node-1\n\+ {2}host: node-2/);
    expect(before.code).toBe(1);
    await run('reconcile');
    expect(await run('diff')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('compares what two revisions would do', async () => {
    const { run, folder, git } = await bench('revisions');
    const base = git('rev-parse', 'main');
    const machines = join(folder, 'machines.yaml');
    await writeFile(machines, (await readFile(machines, 'utf8')).replaceAll(/^ {2}host: .*\n/gm, ''));
    const { stdout, code } = await run('diff', base);
    expect(stdout).toMatch(/^--- [0-9a-f]{40}\n\+\+\+ working files\n/);
    expect(stdout).toMatch(/- {2}node-1 → node-[23]/);
    expect(code).toBe(1);
    expect(await run('diff', base, 'main')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('exits with 2 on an error, so that nobody takes it for a difference', async () => {
    const { run, folder } = await bench('broken');
    await writeFile(join(folder, 'cluster.yaml'), 'kind: [');
    expect((await run('diff')).code).toBe(2);
    expect((await run('diff', 'no-such-branch')).code).toBe(2);
  });
});

describe('brakes', () => {
  it('suspend keeps passes from beginning anything, until resume', async () => {
    const { run } = await bench('suspended');
    await run('suspend', '--reason', 'holiday');
    const held = await run('reconcile');
    expect(held).toMatchObject({
      code: 5,
      stdout: expect.stringMatching(/Suspended[^]*holiday[^]*next: .*berth resume/) as string,
    });
    expect((await run('get', 'vm', 'smf-red')).stdout).toContain('node-1');
    await run('resume');
    expect((await run('reconcile')).code).toBe(0);
    expect((await run('get', 'vm', 'smf-red')).stdout).toContain('node-2');
  });

  it('a lease that somebody else holds ends the command with 5 and names the holder', async () => {
    const { run, state } = await bench('leased');
    await run('suspend');
    await run('resume');
    await openFileLease(join(state(), 'lease.json'), clock).acquire('another-host/1', 60);
    const { code, stdout } = await run('reconcile');
    expect(stdout).toMatch(/Locked: another-host\/1/);
    expect(code).toBe(5);
  });

  it('a freeze ends passes with 5 until a person unlocks, and the journal keeps who did', async () => {
    const { run, state } = await bench('frozen');
    await run('suspend');
    await run('resume');
    const file = join(state(), 'journal.ndjson');
    const frozen = {
      kind: 'frozen',
      reason: 'MachineRunsTwice',
      message: 'smf-red runs on two hosts',
      machine: 'smf-red',
    } as const;
    await openFileJournal(file, clock).append(frozen, 1);
    expect(await run('reconcile')).toMatchObject({ code: 5, stdout: expect.stringContaining('two hosts') as string });
    expect((await run('status')).stdout).toMatch(/✘ pair: Frozen/);
    expect((await run('unlock')).stdout).toMatch(/not frozen any more \(it was: smf-red runs on two hosts\)/);
    expect((await openFileJournal(file, clock).read()).some(({ kind }) => kind === 'unlocked')).toBe(true);
    expect((await run('reconcile')).code).toBe(0);
  });

  it('a rewound history stalls, and is followed only after somebody accepts it', async () => {
    const { run, folder, git } = await bench('rewound');
    await writeFile(join(folder, 'note.txt'), 'second');
    git('add', '--all');
    git('commit', '--quiet', '-m', 'Second');
    await run('reconcile');
    git('reset', '--quiet', '--hard', 'HEAD~1');
    for (let round = 0; round < 2; round++)
      expect(await run('reconcile')).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('SourceRewound') as string,
      });
    await run('unlock', '--accept-rewound');
    expect((await run('reconcile')).code).toBe(0);
  });

  it('damaged state ends the command with 1 and says what to do, not with a stack', async () => {
    const { run, state } = await bench('damaged');
    await run('reconcile');
    const file = join(state(), 'journal.ndjson');
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text.slice(0, 100)}#${text.slice(101)}`);
    const { code, stderr } = await run('reconcile');
    expect(stderr).toMatch(/journal\.ndjson/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });
});
