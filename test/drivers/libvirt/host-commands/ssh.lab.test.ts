import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseCommandTarget } from '../../../../src/connection/command-target.js';
import { openHostCommands } from '../../../../src/drivers/libvirt/host-commands/index.js';
import { describeLab } from '../../../lab/describe.js';
import type { Door, LabHost } from '../../../lab/namespaces/host.js';
import { openLab, type Lab } from '../../../lab/namespaces/lab.js';
import { must } from '../../../lab/namespaces/program.js';

const PORT = 2223;

describeLab('commands on a host by ssh', ['hypervisors', 'ssh'], () => {
  let lab: Lab;
  let host: LabHost;
  let door: Door;
  let folder: string;

  beforeAll(async () => {
    lab = await openLab({ hosts: 1 });
    [host] = lab.hosts as [LabHost];
    folder = join(lab.folder, 'ssh');
    await mkdir(folder);
    for (const name of ['host', 'user'])
      await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
    await writeFile(join(folder, 'authorized'), await readFile(join(folder, 'user.pub')));
    await chmod(join(folder, 'authorized'), 0o600);
    const settings = `Port ${PORT}\nHostKey ${folder}/host\nAuthorizedKeysFile ${folder}/authorized\nPermitRootLogin yes\nStrictModes no\nPidFile none\n`;
    await writeFile(join(folder, 'sshd.conf'), settings);
    await host.exec(['sh', '-c', `mkdir -p /run/sshd && /usr/sbin/sshd -f ${folder}/sshd.conf -E ${folder}/sshd.log`]);
    door = await host.open(PORT);
    await writeFile(
      join(folder, 'known'),
      `[127.0.0.1]:${door.port} ${await readFile(join(folder, 'host.pub'), 'utf8')}`,
    );
  });
  afterAll(async () => {
    await door.close();
    await lab.close();
  });

  const commands = (key = 'user') => {
    const target = parseCommandTarget(
      `ssh://root@127.0.0.1:${door.port}?keyfile=${folder}/${key}&known_hosts=${folder}/known`,
    );
    if (!target.ok) throw new Error(target.reason);
    return openHostCommands(target.value);
  };

  it('see the links and facts of that host', async () => {
    expect(await commands().links()).toEqual({ kind: 'answered', value: new Map() });
    expect(await commands().facts()).toMatchObject({
      kind: 'answered',
      value: { ptp: expect.any(Boolean) as boolean },
    });
  });

  it('bring the refusals of its kernel', async () => {
    expect(await commands().setVf('br0', 0, { trust: true })).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^RTNETLINK answers: /) as string,
    });
    expect(await commands().setVf('nope', 0, { trust: true })).toEqual({
      kind: 'refused',
      message: 'Cannot find device "nope"',
    });
  });

  it('write the ledger of its guard, whole', async () => {
    const path = join(folder, 'deep', 'guard.ledger');
    const entries = Array.from({ length: 5000 }, (_, index) => ({
      device: '0000:3b:02.1',
      domain: `vm ${index} $(id) 'x'`,
    }));
    expect(await commands().writeGuardLedger(entries, path)).toEqual({ kind: 'answered', value: null });
    const written = await readFile(path, 'utf8');
    expect(written.split('\n')).toHaveLength(5002);
    expect(written).toContain("\n0000:3b:02.1 vm 4999 $(id) 'x'\n");
  });

  it('are unanswered when ssh does not get in, without asking anybody', async () => {
    expect(await commands('host').links()).toMatchObject({
      kind: 'unanswered',
      message: expect.stringMatching(/Permission denied/) as string,
    });
  });
});
