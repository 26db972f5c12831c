import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runnerFor, type Words } from '../../../../src/drivers/libvirt/host-commands/run.js';

const folder = mkdtempSync(join(tmpdir(), 'berth-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

const here = runnerFor({ kind: 'local' });

/** A program in a file of its own; words can hold no script. */
function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

describe('a command on a host', () => {
  it('gets its words and its input, and tells how it ended', async () => {
    const tell = program('tell', 'echo "$#:$1:$2"; cat; echo oops >&2; exit 3');
    expect(await here([tell, 'a', 'b=c'], { input: 'in' })).toEqual({
      kind: 'ended',
      status: 3,
      stdout: '2:a:b=c\nin',
      stderr: 'oops',
    });
  });

  it('speaks English, in one line without control characters', async () => {
    const tell = program('shout', String.raw`printf '\033[2J%s\n\tb\303\274\n' "$LC_ALL" >&2; exit 1`);
    expect(await here([tell])).toMatchObject({ status: 1, stderr: '[2JC b' });
  });

  it.each([
    '',
    ' ',
    'a b',
    "a'b",
    'a"b',
    'a;b',
    'a|b',
    'a>b',
    '$x',
    '`id`',
    'a&b',
    '~root',
    'a*',
    'a\nb',
    '(a)',
    '{a,b}',
    '#x',
    '!x',
    '=x',
    'ü',
  ])('is refused before anything runs when it has the word %j', (word) => {
    const touch = join(folder, 'touched');
    expect(() => here(['touch', touch, word])).toThrow(RangeError);
  });

  it('is ended at its deadline, even when a child of it holds the output open', async () => {
    const slow = program('slow', 'sleep 30 & sleep 30');
    expect(await here([slow], { deadlineMs: 100 })).toEqual({ kind: 'unanswered', message: 'no answer within 100 ms' });
  });

  it('is ended when it is called off, and does not begin when it was called off before', async () => {
    const controller = new AbortController();
    const slow = here(['sleep', '30'], { signal: controller.signal });
    controller.abort();
    expect(await slow).toEqual({ kind: 'unanswered', message: 'called off' });
    expect(await here(['touch', join(folder, 'late')], { signal: controller.signal })).toMatchObject({
      kind: 'unanswered',
    });
    expect(await here(['ls', folder])).not.toMatchObject({ stdout: expect.stringContaining('late') as string });
  });

  it('is ended when it never stops talking', async () => {
    expect(await here(['yes'])).toMatchObject({
      kind: 'unanswered',
      message: expect.stringMatching(/longer than/) as string,
    });
  });

  it('may end without reading what it is given', async () => {
    expect(await here(['true'], { input: 'x'.repeat(1_000_000) })).toMatchObject({ kind: 'ended', status: 0 });
  });

  it('is unanswered when there is no such program, or a signal ended it', async () => {
    expect(await here(['berth-no-such-program'])).toMatchObject({ kind: 'unanswered' });
    expect(await here([program('killed', 'kill -9 $$')])).toMatchObject({ kind: 'unanswered' });
  });
});

describe('a command by ssh', () => {
  /** Stands for ssh: gives the words behind the host to a shell, as the other end does. */
  const ssh = program('ssh', 'while [ "$1" != -- ]; do shift; done; shift 2; exec sh -c "$*"');
  const target = {
    kind: 'ssh',
    driverUri: 'qemu:///system',
    host: 'h',
    port: 22,
    user: 'root',
    keyFile: null,
    knownHosts: null,
  } as const;
  const there = runnerFor(target, { ssh });

  it('reaches the shell of the host with the same words', async () => {
    const words: Words = [
      program('count', 'for word; do echo "<$word>"; done'),
      '-j',
      'of=/a/b.c',
      '52:54:00:00:00:01',
    ];
    expect(await there(words)).toMatchObject({ stdout: '<-j>\n<of=/a/b.c>\n<52:54:00:00:00:01>\n' });
  });

  it('passes on input and status', async () => {
    expect(await there([program('both', 'cat; exit 4')], { input: 'x' })).toMatchObject({ status: 4, stdout: 'x' });
  });

  it('is unanswered when ssh fails, because nobody knows how far it came', async () => {
    const failing = program('no-ssh', 'echo "Connection refused" >&2; exit 255');
    expect(await runnerFor(target, { ssh: failing })(['true'])).toEqual({
      kind: 'unanswered',
      message: 'Connection refused',
    });
  });
});
