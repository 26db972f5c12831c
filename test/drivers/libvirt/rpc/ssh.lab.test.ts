import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../../../lab/describe.js';
import type { Door, LabHost } from '../../../lab/namespaces/host.js';
import { openLab } from '../../../lab/namespaces/lab.js';
import type { Lab } from '../../../lab/namespaces/lab.js';
import { must } from '../../../lab/namespaces/program.js';
import { openClient } from './lab-client.js';

const PORT = 2222;
const SSHD = '/usr/sbin/sshd';

describeLab('a client by ssh', ['hypervisors', 'ssh'], () => {
  let lab: Lab;
  let host: LabHost;
  let door: Door;
  let folder: string;

  beforeAll(async () => {
    lab = await openLab({ hosts: 1 });
    [host] = lab.hosts as [LabHost];
    folder = join(lab.folder, 'ssh');
    await mkdir(folder);
    for (const name of ['host', 'user', 'stranger']) {
      await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
    }
    const publicKey = await readFile(join(folder, 'user.pub'), 'utf8');
    await writeFile(join(folder, 'authorized'), publicKey);
    await chmod(join(folder, 'authorized'), 0o600);
    const settings = [
      `Port ${PORT}`,
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/authorized`,
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'StrictModes no',
      'PidFile none',
    ];
    await writeFile(join(folder, 'sshd.conf'), `${settings.join('\n')}\n`);
    const started = await host.exec([
      'sh',
      '-c',
      `mkdir -p /run/sshd && ${SSHD} -f ${folder}/sshd.conf -E ${folder}/sshd.log`,
    ]);
    expect(started.stderr).toBe('');
    door = await host.open(PORT);
    const hostKey = await readFile(join(folder, 'host.pub'), 'utf8');
    await writeFile(join(folder, 'known'), `[127.0.0.1]:${door.port} ${hostKey}`);
    await writeFile(join(folder, 'unknown'), '');
  });
  afterAll(async () => {
    await door.close();
    await lab.close();
  });

  const connect = (key = 'user', known = 'known') =>
    openClient(
      `qemu+ssh://root@127.0.0.1:${door.port}/system?keyfile=${folder}/${key}&known_hosts=${folder}/${known}`,
      { backoff: { firstMs: 20, longestMs: 100 } },
    );

  it('gets in with a key, through virt-ssh-helper', async () => {
    const client = await connect();
    expect(await client.getHostname()).toBe(host.name);
    const xmls = await Promise.all(Array.from({ length: 20 }, () => client.getCapabilities()));
    expect(new Set(xmls).size).toBe(1);
    await client.close();
  });

  it.each([
    { reason: 'a host whose key is not known', key: 'user', known: 'unknown', says: /Host key verification failed/ },
    { reason: 'a user whose key the host does not know', key: 'stranger', known: 'known', says: /Permission denied/ },
  ])('fails without asking, and says why: $reason', async ({ key, known, says }) => {
    await expect(connect(key, known)).rejects.toMatchObject({
      kind: 'connectFailed',
      message: expect.stringMatching(says) as string,
      hint: expect.stringMatching(/without asking/) as string,
    });
  });

  it('comes back when the session was cut', async () => {
    const client = await connect();
    const call = client.getDomainCapabilities({ virtType: 'qemu' });
    call.catch(() => undefined);
    await host.exec(['sh', '-c', 'pkill -x virt-ssh-helper || busybox pkill virt-ssh-helper']);
    await client.getHostname().catch((error: unknown) => expect(error).toMatchObject({ kind: 'connectionLost' }));
    expect(await client.getHostname()).toBe(host.name);
    await client.close();
  });

  it('leaves no ssh behind', async () => {
    const sessions = (): readonly string[] =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(commandOf)
        .filter((command) => command.startsWith('ssh\0') && command.includes(folder));
    await expect.poll(sessions, { timeout: 20_000, interval: 50 }).toEqual([]);
  });
});

/** Words of a process, with a NUL behind each; empty when it has gone. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
