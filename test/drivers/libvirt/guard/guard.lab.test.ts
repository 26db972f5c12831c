import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { guardHookScript } from '../../../../src/drivers/libvirt/guard/index.js';
import type { LibvirtClient } from '../../../../src/drivers/libvirt/rpc/index.js';
import { describeLab } from '../../../lab/describe.js';
import { firmwareGuest } from '../../../lab/guest/machine.js';
import type { LabHost } from '../../../lab/namespaces/host.js';
import { openLab, type Lab } from '../../../lab/namespaces/lab.js';
import { openClient } from '../rpc/lab-client.js';

const DEVICE = '0000:3b:02.1';
const HOSTDEV = `<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/></source></hostdev>`;

const ledgerOf = ({ folder }: LabHost): string => join(folder, 'guard.ledger');

describeLab('the guard hook of a host', ['hypervisors'], () => {
  let lab: Lab;
  let hosts: readonly [LabHost, LabHost];
  let clients: readonly [LibvirtClient, LibvirtClient];

  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
    hosts = lab.hosts as unknown as [LabHost, LabHost];
    for (const host of hosts) {
      const hooks = join(host.folder, 'etc', 'hooks', 'qemu.d');
      await mkdir(hooks, { recursive: true });
      const script = guardHookScript({ ledger: ledgerOf(host), strict: false });
      await writeFile(join(hooks, 'berth-guard'), script, { mode: 0o755 });
      // A daemon looks for hooks when it starts.
      await host.killDaemon('TERM');
      await host.startDaemon();
    }
    clients = [await openClient(hosts[0].uri), await openClient(hosts[1].uri)];
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await lab.close();
  });

  const ledger = async (host: LabHost, lines: string | null): Promise<void> => {
    if (lines === null) await rm(ledgerOf(host), { force: true });
    else await writeFile(ledgerOf(host), lines);
  };
  const refusal = (name: string): Promise<{ readonly codeName: string; readonly message: string }> =>
    clients[0].createXml(firmwareGuest({ name, number: 9, devices: HOSTDEV })).then(
      () => ({ codeName: 'started', message: '' }),
      (error: unknown) => error as { readonly codeName: string; readonly message: string },
    );

  it('refuses a domain whose device the ledger gives to another one, and libvirt passes on its words', async () => {
    await ledger(hosts[0], `${DEVICE} owner\n`);
    const error = await refusal('thief');
    expect(error.codeName).toBe('hookScriptFailed');
    expect(error.message).toContain(`berth guard: device ${DEVICE} is given to owner, not to thief`);
    expect(await clients[0].listDomains()).toEqual([]);
  });

  it.each([
    { reason: 'the domain of the ledger', lines: `${DEVICE} thief\n` },
    { reason: 'any domain, when the ledger does not list the device', lines: '0000:3b:02.2 owner\n' },
    { reason: 'any domain, without a ledger', lines: null },
  ])('lets pass $reason, which then meets the host itself', async ({ lines }) => {
    await ledger(hosts[0], lines);
    // There is no such device here: what refuses it is libvirt.
    const error = await refusal('thief');
    expect(error).not.toMatchObject({ codeName: 'hookScriptFailed' });
    expect(error.message).not.toContain('berth');
  });

  it('lets domains without host devices start, and migrate to a host that has the guard as well', async () => {
    for (const host of hosts) await ledger(host, `${DEVICE} owner\n`);
    const domain = await clients[0].createXml(firmwareGuest({ name: 'plain', number: 1 }));
    const move = {
      domain,
      destinationUri: hosts[1].peerUri,
      flags: ['live'],
      parameters: { bandwidthMiBps: 500, migrateUri: hosts[1].migrationUri },
    } as const;
    await clients[0].migrate(move, { deadlineMs: 60_000 });
    const moved = await clients[1].lookupDomainByName('plain');
    expect(await clients[1].getState(moved)).toMatchObject({ kind: 'running' });
    await clients[1].destroy(moved);
  });
});
