import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HostCommands, openHostCommands } from '../../../../src/drivers/libvirt/host-commands/index.js';
import type { Ran, Words } from '../../../../src/drivers/libvirt/host-commands/run.js';

const folder = mkdtempSync(join(tmpdir(), 'berth-commands-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ok = (stdout = ''): Ran => ({ kind: 'ended', status: 0, stdout, stderr: '' });
const no = (stderr = '', status = 2): Ran => ({ kind: 'ended', status, stdout: '', stderr });
const silent: Ran = { kind: 'unanswered', message: 'no answer within 1 ms' };

/** A host that answers commands by their first word. */
function scripted(answers: Readonly<Record<string, Ran | readonly Ran[]>>) {
  const said: string[] = [];
  const left = new Map(
    Object.entries(answers).map(([name, ran]) => [name, Array.isArray(ran) ? [...(ran as Ran[])] : null]),
  );
  const commands = new HostCommands((words: Words) => {
    said.push(words.join(' '));
    const [name] = words;
    return Promise.resolve(left.get(name)?.shift() ?? (answers[name] as Ran | undefined) ?? no('not found', 127));
  });
  return { commands, said };
}

describe('facts of a host', () => {
  it('are its isolated CPUs, and a clock that is synchronised', async () => {
    const { commands } = scripted({ cat: ok('2-5,8\n'), ls: ok('ptp0\nptp1\n'), pgrep: ok('812\n') });
    expect(await commands.facts()).toEqual({
      kind: 'answered',
      value: { isolatedCpus: [2, 3, 4, 5, 8], ptp: true, migrationMibps: null },
    });
  });

  it.each([
    { reason: 'nothing synchronises the clock', answers: { cat: ok('\n'), ls: ok('ptp0\n'), pgrep: no('', 1) } },
    { reason: 'there is no clock', answers: { cat: ok('\n'), ls: ok(''), pgrep: ok('1\n') } },
    { reason: 'the kernel knows no clocks', answers: { cat: no(), ls: no(), pgrep: ok('1\n') } },
    {
      reason: 'programs are missing or talk nonsense',
      answers: { cat: ok('rm -rf'), ls: no('', 127), pgrep: no('', 127) },
    },
  ])('are none when $reason', async ({ answers }) => {
    expect(await scripted(answers).commands.facts()).toMatchObject({ value: { isolatedCpus: [], ptp: false } });
  });

  it('are not known when the host does not answer', async () => {
    expect(await scripted({ cat: ok('\n'), ls: silent, pgrep: ok() }).commands.facts()).toEqual(silent);
  });

  it('can be read of this machine', async () => {
    const facts = await openHostCommands({ kind: 'local' }).facts();
    expect(facts).toMatchObject({ kind: 'answered', value: { isolatedCpus: expect.any(Array) as number[] } });
  });
});

describe('VFs by command', () => {
  it('are listed by one command for all ports', async () => {
    const { commands, said } = scripted({ ip: ok('[{"ifname":"p0","vfinfo_list":[{"vf":0}]}]') });
    expect(await commands.links()).toMatchObject({ kind: 'answered', value: new Map([['p0', [{ index: 0 }]]]) });
    expect(said).toEqual(['ip -j -s -d link show']);
  });

  it('are not listed when the answer is none', async () => {
    expect(await scripted({ ip: ok('1: lo: <LOOPBACK>') }).commands.links()).toMatchObject({ kind: 'refused' });
    expect(await scripted({ ip: no('Object "link" is unknown', 255) }).commands.links()).toMatchObject({
      kind: 'refused',
      message: 'Object "link" is unknown',
    });
    expect(await scripted({ ip: silent }).commands.links()).toEqual(silent);
  });

  it('are set by one command, and refused in the words of the kernel', async () => {
    const { commands, said } = scripted({ ip: [ok(), no('RTNETLINK answers: Operation not supported')] });
    expect(await commands.setVf('p0', 1, { trust: true })).toEqual({ kind: 'answered', value: null });
    expect(await commands.setVf('p0', 1, { linkState: 'enable' })).toEqual({
      kind: 'refused',
      message: 'RTNETLINK answers: Operation not supported',
    });
    expect(said).toEqual(['ip link set dev p0 vf 1 trust on', 'ip link set dev p0 vf 1 state enable']);
  });

  it('are not touched when the port has a name that could be something else', async () => {
    const { commands, said } = scripted({ ip: ok() });
    expect(await commands.setVf('p0; reboot', 1, { trust: true })).toMatchObject({ kind: 'refused' });
    expect(said).toEqual([]);
  });
});

describe('the guard ledger of a host', () => {
  const entries = [{ device: '0000:3b:02.1', domain: 'vm 1' }];
  const path = join(folder, 'deep', 'er', 'guard.ledger');

  it('is replaced whole, in a folder that is made when it is missing', async () => {
    const commands = openHostCommands({ kind: 'local' });
    expect(await commands.writeGuardLedger(entries, path)).toEqual({ kind: 'answered', value: null });
    expect(readFileSync(path, 'utf8')).toMatch(/^# .*\n0000:3b:02\.1 vm 1\n$/);
    expect(await commands.writeGuardLedger([], path)).toMatchObject({ kind: 'answered' });
    expect(readFileSync(path, 'utf8')).toMatch(/^# .*\n$/);
    expect(readdirSync(join(folder, 'deep', 'er'))).toEqual(['guard.ledger']);
  });

  it('stays as it was when the new one could not be written to its end', async () => {
    const { commands, said } = scripted({ dd: silent, mv: ok(), mkdir: ok() });
    expect(await commands.writeGuardLedger(entries, '/x/ledger')).toEqual(silent);
    expect(said).toEqual(['dd of=/x/ledger.next conv=fsync status=none']);
    const full = scripted({ dd: no('No space left on device', 1), mv: ok(), mkdir: ok() });
    expect(await full.commands.writeGuardLedger(entries, '/x/ledger')).toMatchObject({ kind: 'refused' });
    expect(full.said.some((command) => command.startsWith('mv'))).toBe(false);
  });

  it('is not written when a name or the path would not be what it seems', async () => {
    const { commands, said } = scripted({ dd: ok(), mv: ok() });
    const names = [{ device: '0000:3b:02.1', domain: 'a\n0000:3b:02.2 b' }];
    expect(await commands.writeGuardLedger(names, '/x')).toMatchObject({ kind: 'refused' });
    expect(await commands.writeGuardLedger(entries, '/x;reboot')).toMatchObject({ kind: 'refused' });
    expect(await commands.writeGuardLedger(entries, 'relative')).toMatchObject({ kind: 'refused' });
    expect(said).toEqual([]);
  });

  it('is refused where its folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    const commands = openHostCommands({ kind: 'local' });
    expect(await commands.writeGuardLedger(entries, join(folder, 'file', 'ledger'))).toMatchObject({ kind: 'refused' });
  });
});
