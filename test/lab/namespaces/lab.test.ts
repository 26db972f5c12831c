import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { describeLab } from '../describe.js';
import { openLab } from './lab.js';
import { namespacesOf, outside, processesOf } from './outside.js';
import { isAlive, until } from './process-tree.js';

const command = ['--import', './test/tools/typescript.js', 'test/lab/namespaces/command.ts'];

describeLab('a lab of hypervisors in namespaces', [], () => {
  it('shows nothing in the machine around it while it is up, and leaves nothing when it is closed', async () => {
    const before = outside();
    const lab = await openLab({ hosts: 2 });
    expect(outside()).toEqual(before);
    const made = new Set(lab.hosts.flatMap((host) => namespacesOf(host.pid)));
    expect(made.size).toBe(6);
    const its = processesOf(lab.folder, made);
    expect(its.length).toBeGreaterThan(4);
    await lab.close();
    expect(outside()).toEqual(before);
    // The numbers of its namespaces may be another lab's by now.
    const left = (): readonly number[] => [...its.filter(isAlive), ...processesOf(lab.folder)];
    await expect.poll(left, { timeout: 20_000, interval: 50 }).toEqual([]);
    expect(existsSync(lab.folder)).toBe(false);
  });

  it('gives every host a libvirtd of its own, reachable from outside by its socket', async () => {
    const lab = await openLab({ hosts: 3 });
    try {
      const names = lab.hosts.map(({ uri }) => spawnSync('virsh', ['-q', '-c', uri, 'hostname'], { encoding: 'utf8' }));
      expect(names.map(({ stdout }) => stdout.trim())).toEqual(['h1', 'h2', 'h3']);
      for (const { address } of lab.hosts) expect(await lab.link.answers(address)).toBe(true);
    } finally {
      await lab.close();
    }
  });

  it('does not meet another lab that is open at the same time, although the addresses are the same', async () => {
    const [one, other] = await Promise.all([openLab({ hosts: 2 }), openLab({ hosts: 1 })]);
    try {
      expect(await one.link.answers('10.77.0.2')).toBe(true);
      expect(await other.link.answers('10.77.0.1')).toBe(true);
      expect(await other.link.answers('10.77.0.2')).toBe(false);
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  });

  it('is gone when the process that opened it is killed', async () => {
    const script = `
      const { openLab } = await import('./test/lab/namespaces/lab.ts');
      const lab = await openLab({ hosts: 1 });
      console.log(JSON.stringify({ folder: lab.folder, pid: lab.hosts[0].pid }));
      setInterval(() => undefined, 1000);`;
    const opener = spawn(process.execPath, [
      '--import',
      './test/tools/typescript.js',
      '--input-type=module',
      '-e',
      script,
    ]);
    const line = await new Promise<string>((resolve) => createInterface(opener.stdout).once('line', resolve));
    const { folder, pid } = JSON.parse(line) as { folder: string; pid: number };
    const made = new Set(namespacesOf(pid));
    const its = processesOf(folder, made);
    expect(its.length).toBeGreaterThan(3);
    opener.kill('SIGKILL');
    await until(`${folder} is still there`, 20_000, () => !existsSync(folder));
    await until('processes of the lab are still there', 20_000, () => !its.some(isAlive));
    expect(processesOf(folder)).toEqual([]);
  });

  it('stays after the command that brings it up, until the command that tears it down', () => {
    const before = outside();
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [...command, ...args], { encoding: 'utf8' });
    const up = run('up', '1');
    expect(up.stderr).toBe('');
    const folder = /in (\S+)$/m.exec(up.stdout)?.[1] ?? '';
    expect(run('status').stdout).toContain(
      `h1  guests: none  qemu+unix:///system?socket=${folder}/h1/run/libvirt-sock`,
    );
    expect(run('exec', 'h1', 'hostname').stdout).toBe('h1\n');
    const nameless = run('down');
    expect([nameless.status, nameless.stdout]).toEqual([2, '']);
    expect(nameless.stderr).toMatch(/^say which lab goes, or --all; brought up are: .*berth-lab-/);
    const mistyped = run('down', `${basename(folder)}x`);
    expect([mistyped.status, mistyped.stderr]).toEqual([2, expect.stringMatching(/^there is no lab /)]);
    expect(existsSync(folder)).toBe(true);
    expect(run('down', basename(folder)).stdout).toBe('1 lab torn down\n');
    expect(existsSync(folder)).toBe(false);
    expect(outside()).toEqual(before);
  });

  it('loses power on one host and starts it again, with its local files', async () => {
    const lab = await openLab({ hosts: 2 });
    try {
      const [host] = lab.hosts;
      if (!host) throw new Error('no host');
      await host.exec(['sh', '-c', `echo kept > ${lab.localFolder}/file; echo seen by all > ${lab.sharedFolder}/file`]);
      await host.crash();
      expect(await lab.link.answers(host.address)).toBe(false);
      await host.boot();
      expect(await lab.link.answers(host.address)).toBe(true);
      expect((await host.exec(['cat', `${lab.localFolder}/file`])).stdout).toBe('kept\n');
      const second = await lab.hosts[1]?.exec(['sh', '-c', `ls ${lab.localFolder}; cat ${lab.sharedFolder}/file`]);
      expect(second?.stdout).toBe('seen by all\n');
    } finally {
      await lab.close();
    }
  });
});
