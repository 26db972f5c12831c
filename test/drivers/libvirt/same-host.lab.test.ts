import { afterAll, beforeAll, expect, it } from 'vitest';
import { SystemClock } from '../../../src/clock/system.js';
import type { LibvirtSettings } from '../../../src/connection/libvirt-settings.js';
import { openLibvirt, type Libvirt } from '../../../src/drivers/libvirt/open.js';
import { describeLab } from '../../lab/describe.js';
import { firmwareGuest } from '../../lab/guest/machine.js';
import { openLab, type Lab } from '../../lab/namespaces/lab.js';
import { defineAndStart, labSettings } from './lab-cluster.js';

describeLab('a connection with two names for one host', ['hypervisors'], () => {
  let lab: Lab;
  let settings: LibvirtSettings;
  let driver: Libvirt;
  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
    const [first] = lab.hosts;
    if (first === undefined) throw new Error('the lab has no host');
    await defineAndStart(first, firmwareGuest({ name: 'web', number: 1 }));
    const { hosts, ...others } = labSettings(lab.hosts);
    const again = hosts.filter(({ name }) => name === first.name).map((host) => ({ ...host, name: 'alias' }));
    settings = { ...others, hosts: [...hosts, ...again] };
    driver = openLibvirt(settings, { clock: new SystemClock() });
  });
  afterAll(async () => {
    await driver.hypervisor.close();
    await lab.close();
  });

  it('shows nothing of it under either name, says why, and shows the other hosts', async () => {
    for (const round of ['first', 'second']) {
      const { hosts, machines } = await driver.hypervisor.observe();
      expect(hosts.map(({ name, state }) => [name, state]), round).toEqual([
        ['h1', 'unknown'],
        ['h2', 'up'],
        ['alias', 'unknown'],
      ]); // prettier-ignore
      expect(machines, round).toEqual([]);
      expect([...driver.silences().keys()].sort(), round).toEqual(['alias', 'h1']);
      for (const why of driver.silences().values())
        expect(why).toMatch(
          /^h1 and alias .*one host.* 4c616200-0000-4000-8000-0000000000\d\d.*spec\.connection\.hosts/,
        );
    }
  });

  it('lets nothing be done there under either name', async () => {
    const { signal } = new AbortController();
    const context = { idempotencyKey: 'k', signal, epoch: null, onProgress: () => undefined };
    for (const host of ['h1', 'alias'])
      expect(
        await driver.hypervisor.perform({ port: 'hypervisor', kind: 'stop', machine: 'web', host }, context),
      ).toMatchObject({ kind: 'failed', code: 'HostUnreachable' });
  });

  it('shows the host again when the second name leads nowhere any more', async () => {
    const hosts = settings.hosts.map((host) =>
      host.name === 'alias' && host.uri.kind === 'unix' ? { ...host, uri: { ...host.uri, socket: '/nowhere' } } : host,
    );
    const mended = openLibvirt({ ...settings, hosts }, { clock: new SystemClock() });
    try {
      const seen = await mended.hypervisor.observe();
      expect(seen.hosts.map(({ state }) => state)).toEqual(['up', 'up', 'unknown']);
      expect(seen.machines.map(({ name, host }) => [name, host])).toEqual([['web', 'h1']]);
    } finally {
      await mended.hypervisor.close();
    }
  });
});
