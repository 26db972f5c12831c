import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { berth, copyExample, scratch } from './berth.js';

const home = await scratch();

/** A mistake: what somebody changed, what the message says, where it points, and what it advises. */
interface Mistake {
  readonly reason: string;
  readonly file: string;
  readonly edit: (text: string) => string;
  readonly code: string;
  /** `file:line:column` of the message. */
  readonly at: RegExp;
  readonly says: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    reason: 'a key that does not exist',
    file: 'machines/core.yaml',
    edit: (text) => text.replace('vcpus: 8', 'vcpu: 8'),
    code: 'UnknownField',
    at: /machines\/core\.yaml:9:3/,
    says: /did you mean "vcpus"/,
  },
  {
    reason: 'a value with a unit where the name has it',
    file: 'machines/core.yaml',
    edit: (text) => text.replace('memoryMiB: 16384', 'memoryMiB: 16Gi'),
    code: 'WrongUnit',
    at: /machines\/core\.yaml:10:14/,
    says: /16384/,
  },
  {
    reason: 'a device class that nobody defined',
    file: 'machines/core.yaml',
    edit: (text) => text.replace('class: core-vf', 'class: cor-vf'),
    code: 'UnknownReference',
    at: /machines\/core\.yaml:14:14/,
    says: /did you mean "core-vf"/,
  },
  {
    reason: 'two machines of one name',
    file: 'machines/core.yaml',
    edit: (text) => text.replace('name: upf-2', 'name: upf-1'),
    code: 'DuplicateName',
    at: /machines\/core\.yaml:\d+:9/,
    says: /upf-1/,
  },
  {
    reason: 'a tab in the indentation',
    file: 'cluster.yaml',
    edit: (text) => text.replace('  driver:', '\tdriver:'),
    code: 'TabIndentation',
    at: /cluster\.yaml:7:1/,
    says: /spaces/,
  },
  {
    reason: 'a MAC address with a digit too few',
    file: 'machines/core.yaml',
    edit: (text) => text.replace('52:54:00:05:00:0c', '52:54:00:05:00:c'),
    code: 'BadMac',
    at: /machines\/core\.yaml:16:12/,
    says: /52:54:00:12:34:56|six pairs/,
  },
  {
    reason: 'a low threshold above the high one',
    file: 'policies/load.yaml',
    edit: (text) => text.replace('low: 0.5', 'low: 0.9'),
    code: 'ThresholdOrder',
    at: /policies\/load\.yaml:8:\d+/,
    says: /low/,
  },
  {
    reason: 'a pin to a host that does not exist',
    file: 'policies/placement.yaml',
    edit: (text) => text.replace('antiAffinity:\n    topology: host', 'pin: { hosts: [edge-a3] }'),
    code: 'UnknownReference',
    at: /policies\/placement\.yaml:9:\d+/,
    says: /did you mean "edge-a1"|edge-a1/,
  },
  {
    reason: 'two machines with one MAC address',
    file: 'machines/core.yaml',
    edit: (text) => text.replace('52:54:00:05:00:0c', '52:54:00:05:00:01'),
    code: 'DuplicateMac',
    at: /machines\/(core|distributed-units)\.yaml:\d+:\d+/,
    says: /upf-1|du-1/,
  },
  {
    reason: 'a machine that is larger than any host',
    file: 'machines/core.yaml',
    edit: (text) => text.replace('vcpus: 2', 'vcpus: 200'),
    code: 'MachineTooLarge',
    at: /machines\/core\.yaml:87:10/,
    says: /200/,
  },
];

describe('berth validate', () => {
  it.each(MISTAKES)('says where $reason is and what to do', async ({ reason, file, edit, code, at, says }) => {
    const copy = await copyExample('01-5g-edge', join(home, reason.replaceAll(' ', '-')));
    const path = join(copy, file);
    const before = await readFile(path, 'utf8');
    const after = edit(before);
    expect(after).not.toBe(before);
    await writeFile(path, after);
    const { code: exit, stdout } = await berth(['validate', copy], { home });
    expect(stdout).toContain(`(${code})`);
    expect(stdout).toMatch(at);
    expect(stdout).toMatch(says);
    expect(stdout).toMatch(/^✘ \d+ errors? in 11 files$/m);
    expect(exit).toBe(1);
  });

  it('says nothing but that all is well of a good repository', async () => {
    const copy = await copyExample('01-5g-edge', join(home, 'good'));
    const { code, stdout, stderr } = await berth(['validate'], { home, cwd: copy });
    expect(stdout).toBe('✔ 11 files, no errors (edge-west: 4 hosts, 14 machines)\n');
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('gives problems as data with -o json, on stdout alone', async () => {
    const copy = await copyExample('01-5g-edge', join(home, 'json'));
    await writeFile(join(copy, 'extra.yaml'), 'apiVersion: berth/v1alpha1\nkind: Hots\n');
    const { code, stdout, stderr } = await berth(['validate', copy, '-o', 'json'], { home });
    const { valid, problems } = JSON.parse(stdout) as { valid: boolean; problems: { place: { file: string } }[] };
    expect({ valid, file: problems[0]?.place.file, stderr, code }).toEqual({
      valid: false,
      file: 'extra.yaml',
      stderr: '',
      code: 1,
    });
  });

  it.each(['json', 'yaml', 'sarif', 'github'])(
    'says problems as %s on stdout, and plan and diff say the same with their own exit codes',
    async (format) => {
      const copy = await copyExample('01-5g-edge', join(home, `form-${format}`));
      await writeFile(join(copy, 'extra.yaml'), 'apiVersion: berth/v1alpha1\nkind: Hots\n');
      const run = (command: string) => berth([command, '--source', copy, '-o', format], { home });
      const { stdout } = await run('validate');
      expect(stdout).toContain('extra.yaml');
      expect(await run('plan')).toEqual({ code: 1, stdout, stderr: '' });
      if (format === 'json' || format === 'yaml') expect(await run('diff')).toEqual({ code: 2, stdout, stderr: '' });
    },
  );

  it('refuses a folder that is not there with one clear message', async () => {
    const { code, stdout, stderr } = await berth(['validate', 'nowhere'], { home });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: .*nowhere.*\(FolderMissing\)\n/);
  });
});
