import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LibvirtClient } from '../../../../src/drivers/libvirt/rpc/index.js';
import { describeLab } from '../../../lab/describe.js';
import { Authority } from '../../../lab/namespaces/certificates.js';
import type { Door, LabHost } from '../../../lab/namespaces/host.js';
import { openLab } from '../../../lab/namespaces/lab.js';
import type { Lab } from '../../../lab/namespaces/lab.js';
import { openClient } from './lab-client.js';

/** A lab of one host whose daemon listens for TLS, and a port of this machine that leads to it. */
async function openTlsLab(libvirtd = ''): Promise<{ readonly lab: Lab; readonly host: LabHost; readonly door: Door }> {
  const lab = await openLab({ hosts: 1, tls: true, libvirtd });
  const [host] = lab.hosts as [LabHost];
  return { lab, host, door: await host.open('tls') };
}

function rightPki(lab: Lab): string {
  if (lab.tls === undefined) throw new Error('this lab has no TLS');
  return dirname(lab.tls.client.certificate);
}

describeLab('a client by TLS', ['hypervisors'], () => {
  let lab: Lab;
  let host: LabHost;
  let door: Door;
  /** Certificates of an authority that nobody here trusts. */
  let foreign: string;

  beforeAll(async () => {
    ({ lab, host, door } = await openTlsLab());
    foreign = join(lab.folder, 'foreign');
    await (await Authority.create(foreign)).certify(foreign, 'client', []);
  });
  afterAll(async () => {
    await door.close();
    await lab.close();
  });

  const connect = (pki: string, name = '127.0.0.1'): Promise<LibvirtClient> =>
    openClient(`qemu+tls://${name}:${door.port}/system?pkipath=${pki}`, { connectTimeoutMs: 5000 });

  it('gets in with the certificate of the authority that the host trusts', async () => {
    const client = await connect(rightPki(lab));
    expect(await client.getHostname()).toBe(host.name);
    expect((await Promise.all(Array.from({ length: 50 }, () => client.listDomains()))).flat()).toEqual([]);
    await client.close();
  });

  it('is told apart from the host by name: one that the certificate does not name is refused', async () => {
    await expect(connect(rightPki(lab), '127.1')).rejects.toMatchObject({
      kind: 'connectFailed',
      hint: expect.stringMatching(/certificate that names it/) as string,
    });
    const client = await connect(rightPki(lab), 'localhost');
    await client.close();
  });

  it('refuses a host whose certificate comes from another authority', async () => {
    await expect(connect(foreign)).rejects.toMatchObject({
      kind: 'connectFailed',
      hint: expect.stringMatching(/must come from the authority/) as string,
    });
  });

  it('is refused with a certificate of another authority', async () => {
    const mixed = join(lab.folder, 'mixed');
    await mkdir(mixed);
    await copyFile(join(rightPki(lab), 'cacert.pem'), join(mixed, 'cacert.pem'));
    for (const file of ['clientcert.pem', 'clientkey.pem']) await copyFile(join(foreign, file), join(mixed, file));
    await expect(connect(mixed)).rejects.toMatchObject({
      kind: 'connectFailed',
      hint: expect.stringMatching(/client certificate/) as string,
    });
  });

  it('does not even try without a certificate', async () => {
    const bare = join(lab.folder, 'bare');
    await mkdir(bare);
    await copyFile(join(rightPki(lab), 'cacert.pem'), join(bare, 'cacert.pem'));
    await expect(connect(bare)).rejects.toMatchObject({
      kind: 'connectFailed',
      message: expect.stringMatching(/clientcert\.pem/) as string,
    });
  });

  it('does not wait for ever for a host that takes no more connections', async () => {
    await host.killDaemon('STOP');
    const opening = openClient(`qemu+tls://127.0.0.1:${door.port}/system?pkipath=${rightPki(lab)}`, {
      connectTimeoutMs: 300,
    });
    await expect(opening).rejects.toMatchObject({
      kind: 'connectFailed',
      message: expect.stringMatching(/within/) as string,
    });
    await host.killDaemon('CONT');
  });

  it('is refused when the host knows the authority, and not this client', async () => {
    const strict = await openTlsLab('tls_allowed_dn_list = ["CN=somebody else"]');
    try {
      const uri = `qemu+tls://127.0.0.1:${strict.door.port}/system?pkipath=${rightPki(strict.lab)}`;
      await expect(openClient(uri)).rejects.toMatchObject({
        kind: 'connectFailed',
        message: expect.stringMatching(/refused the client certificate/) as string,
        hint: expect.stringMatching(/tls_allowed_dn_list/) as string,
      });
    } finally {
      await strict.door.close();
      await strict.lab.close();
    }
  });
});
