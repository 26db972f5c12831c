import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { libvirtSettings } from '../../src/connection/libvirt-settings.js';
import { createDocumentCache, loadDesired } from '../../src/documents/index.js';
import { openFolder } from '../../src/git/index.js';
import { berth, copyExample, scratch } from '../cli/berth.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/10-libvirt-two-hosts', import.meta.url));
const observed = join(EXAMPLE, '.observed', 'observed.json');
const home = await scratch();

/** The plan of a folder for the observed state beside the example; no host is asked. */
async function planOf(folder: string): Promise<string> {
  const { code, stdout, stderr } = await berth(['plan', folder, '--observed', observed], { home });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.replace(/^Plan [0-9a-f]{12}/, 'Plan <hash>');
}

describe('example 10-libvirt-two-hosts', () => {
  it('is valid without a warning, and its connection is one that the driver takes', async () => {
    const { code, stdout } = await berth(['validate', EXAMPLE], { home });
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^✔ 7 files, no errors/) as string,
    });
    const source = await openFolder(EXAMPLE);
    const loaded = await loadDesired(await source.tree(await source.fetch()), createDocumentCache());
    const [desired] = loaded.ok ? loaded.value : [];
    if (desired === undefined) throw new Error('the example describes no cluster');
    const settings = libvirtSettings(desired.cluster, () => desired.cluster.place);
    expect(settings).toMatchObject({ ok: true, value: { tls: true, hosts: [{ name: 'host-a' }, { name: 'host-b' }] } });
  });

  it('has nothing to do at first, as is written down beside it', async () => {
    const plan = await planOf(EXAMPLE);
    expect(plan).toContain('Nothing to do.');
    await expect(plan).toMatchFileSnapshot(join(EXAMPLE, 'expected', 'first-plan.txt'));
  });

  it('moves the machine with its VF when the first host is drained, as is written down beside it', async () => {
    const copy = await copyExample('10-libvirt-two-hosts', join(home, 'copy'));
    const hosts = join(copy, 'hosts.yaml');
    await writeFile(hosts, (await readFile(hosts, 'utf8')).replace('spec:\n', 'spec:\n  maintenance: drain\n'));
    const plan = await planOf(copy);
    expect(plan).toMatch(/→ du-1 {2}host-a → host-b {2}failover/);
    await expect(plan).toMatchFileSnapshot(join(EXAMPLE, 'expected', 'first-move.txt'));
  });

  it('names only commands and options that exist in its README', async () => {
    const readme = await readFile(join(EXAMPLE, 'README.md'), 'utf8');
    const helps = new Map<string, string>();
    const commands = [...readme.matchAll(/\bberth ((?:libvirt )?[a-z][a-z-]+)([^\n`]*)/g)]
      .map(([, command = '', rest = '']) => ({ command, options: rest.match(/ --[a-z-]+/g) ?? [] }))
      .filter(({ command }) => command !== 'host');
    expect(commands.length).toBeGreaterThan(10);
    for (const { command, options } of commands) {
      const help = helps.get(command) ?? (await berth([...command.split(' '), '--help'], { home })).stdout;
      helps.set(command, help);
      expect(help).toContain(`berth ${command} `);
      for (const option of options) expect(help, command).toContain(option.trim());
    }
  });
});
