import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { berth, copyExample, scratch } from './berth.js';

const home = await scratch();

describe('the command line', () => {
  it('documents every exit code and command in its help, and the README the same commands', async () => {
    const { code, stdout } = await berth(['--help'], { home });
    for (const exit of [0, 1, 2, 3, 4, 5, 64]) expect(stdout).toMatch(new RegExp(`^ +${exit} {2}\\S`, 'm'));
    const commands =
      'validate plan diff apply reconcile status get explain events suspend resume unlock import schema libvirt demo completion';
    const [, helped = ''] = stdout.split(/^Commands:$/m);
    expect([...helped.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name)).toEqual(commands.split(' '));
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const [, table = ''] = readme.split(/^## Commands$/m);
    const listed = [...table.matchAll(/^\| (`.*?) {2,}\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z]+)/g)].map(([, name]) => name),
    );
    expect(listed.sort()).toEqual(commands.split(' ').sort());
    expect(code).toBe(0);
  });

  it.each([
    { args: [], reason: 'no command' },
    { args: ['plam'], reason: 'a command that does not exist' },
    { args: ['plan', '--no-such-option'], reason: 'an option that does not exist' },
    { args: ['plan', '-o', 'xml'], reason: 'a format that does not exist' },
    { args: ['apply'], reason: 'an argument that is missing' },
    { args: ['get', 'unicorns'], reason: 'a kind that does not exist' },
    { args: ['schema', 'Unicorn'], reason: 'a schema that does not exist' },
    { args: ['status', '--timeout', 'soon'], reason: 'a duration that is none' },
    { args: ['reconcile', '--watch', '--listen', '127.0.0.1:99999'], reason: 'a port that does not exist' },
    { args: ['import'], reason: 'an import from nowhere' },
    { args: ['import', '--from', 'Host A=qemu:///system'], reason: 'a name of a host that is none' },
    { args: ['validate', 'a', 'b'], reason: 'an argument too many' },
    { args: ['libvirt'], reason: 'a group without a command of it' },
    { args: ['libvirt', 'guard-hook', '--ledger', 'a b'], reason: 'a path that no shell could take as it is' },
  ])('exits with 64 and says how to use it for $reason', async ({ args }) => {
    const { code, stdout, stderr } = await berth(args, { home });
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toMatch(/^(error|Usage): /);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  const cases: readonly {
    reason: string;
    args: readonly string[];
    env: Readonly<Record<string, string>>;
    branch: string;
  }[] = [
    { reason: 'the flag', args: ['--branch', 'flag'], env: { BERTH_BRANCH: 'env' }, branch: 'flag' },
    { reason: 'then the environment', args: [], env: { BERTH_BRANCH: 'env' }, branch: 'env' },
    { reason: 'then the file', args: [], env: {}, branch: 'file' },
  ];
  it.each(cases)('takes a setting from $reason', async ({ args, env, branch }) => {
    await mkdir(join(home, '.config', 'berth'), { recursive: true });
    await writeFile(join(home, '.config', 'berth', 'config.yaml'), 'branch: file\n');
    const repository = join(home, 'precedence.git');
    execFileSync('git', ['init', '--quiet', '--bare', repository]);
    const { code, stderr } = await berth(['plan', repository, ...args], { home, env });
    expect(stderr).toContain(`no branch ${branch}`);
    expect(code).toBe(1);
  });

  it('names the variable of each option after the option, and takes the state from it', async () => {
    const { stdout: top } = await berth(['--help'], { home });
    const commands = [...top.matchAll(/^ {2}([a-z]+) /gm)].flatMap(([, name]) => (name === 'help' ? [] : (name ?? [])));
    expect(commands).toEqual(expect.arrayContaining(['plan', 'reconcile', 'explain']));
    const helps = await Promise.all(commands.map((name) => berth([name, '--help'], { home })));
    const pairs = helps.flatMap(({ stdout }) =>
      stdout.split(/\n(?= {2}-)/).flatMap((text) => {
        const [, flag = ''] = /^ {2}(?:-\w, )?--(?:no-)?([a-z-]+)/.exec(text) ?? [];
        const [, variable] = /env:\s+(BERTH_\w+)/.exec(text) ?? [];
        return variable === undefined ? [] : [[variable.replace('BERTH_NO_', 'BERTH_'), flag]];
      }),
    );
    expect(pairs).toContainEqual(['BERTH_STATE', 'state']);
    for (const [variable, flag = ''] of pairs)
      expect(variable).toBe(`BERTH_${flag.toUpperCase().replaceAll('-', '_')}`);
    const copy = await copyExample('02-maintenance-drain', join(home, 'state-variable'));
    const state = join(home, 'state-of-variable');
    expect((await berth(['reconcile', '-s', copy], { home, env: { BERTH_STATE: state } })).code).toBe(0);
    expect(await readdir(state)).not.toEqual([]);
  });

  it('refuses a configuration file with a setting that does not exist', async () => {
    const config = join(home, 'bad.yaml');
    await writeFile(config, 'brunch: main\n');
    const { code, stderr } = await berth(['validate', '--config', config], { home });
    expect(stderr).toMatch(/no setting "brunch".*\(ConfigFile\)/);
    expect(code).toBe(64);
  });

  it('never colors what goes into a pipe, colors on request, and NO_COLOR wins', async () => {
    const copy = await copyExample('02-maintenance-drain', join(home, 'colors'));
    const plain = await berth(['validate', copy], { home });
    const forced = await berth(['validate', copy], { home, env: { FORCE_COLOR: '1' } });
    const never = await berth(['validate', copy], { home, env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    const flag = await berth(['validate', copy, '--no-color'], { home, env: { FORCE_COLOR: '1' } });
    expect(forced.stdout).toContain('\u001B[32m');
    for (const { stdout } of [plain, never, flag]) expect(stdout).not.toContain('\u001B');
  });

  it('prints schemas that are JSON, for every kind that it names', async () => {
    const { stdout } = await berth(['schema'], { home });
    const kinds = stdout.trim().split('\n');
    expect(kinds).toHaveLength(11);
    const { stdout: schema } = await berth(['schema', 'VirtualMachine'], { home });
    expect(JSON.parse(schema)).toMatchObject({ title: 'VirtualMachine' });
  });

  it('completes in bash what the program knows', async () => {
    const { stdout } = await berth(['completion', 'bash'], { home });
    const ask = (words: string): string =>
      execFileSync(
        'bash',
        [
          '-c',
          `${stdout}\nCOMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _berth; echo "\${COMPREPLY[@]}"`,
        ],
        {
          encoding: 'utf8',
        },
      ).trim();
    expect(ask('berth rec')).toBe('reconcile');
    expect(ask('berth plan --det')).toBe('--detailed-exitcode');
    expect(ask('berth plan -o mark')).toBe('markdown');
    expect(ask('berth schema Virt')).toBe('VirtualMachine');
    expect(ask('berth get Virt')).toBe('VirtualMachine');
    expect(ask('berth get -o json Reser')).toBe('Reservation');
    expect(ask('berth libvirt gu')).toBe('guard-hook');
    expect(ask('berth libvirt guard-hook --str')).toBe('--strict');
    expect(ask('berth --help rec')).toBe('reconcile');
    expect(ask('berth --help plan -o mark')).toBe('markdown');
  });

  it('prints a guard hook that any shell reads, for the ledger that it is given', async () => {
    const { code, stdout } = await berth(['libvirt', 'guard-hook', '--ledger', '/srv/guard', '--strict'], { home });
    expect(stdout).toMatch(/^#!\/bin\/sh\n/);
    expect(stdout).toContain("\nledger='/srv/guard'\nstrict=yes\n");
    expect(execFileSync('sh', ['-n'], { input: stdout, encoding: 'utf8' })).toBe('');
    expect(code).toBe(0);
  });

  it.each(['zsh', 'fish'])('has a completion script for %s', async (shell) => {
    const { code, stdout } = await berth(['completion', shell], { home });
    expect(stdout).toContain('reconcile');
    expect(code).toBe(0);
  });
});
