import { afterAll, beforeAll, expect, it } from 'vitest';
import { join } from 'node:path';
import { describeLab } from '../describe.js';
import { firmwareGuest } from '../guest/machine.js';
import { Authority } from './certificates.js';
import type { LabHost } from './host.js';
import { openLab, type Lab } from './lab.js';
import { run } from './program.js';

describeLab('a lab whose hosts speak TLS', [], () => {
  let lab: Lab;
  let first: LabHost;
  let second: LabHost;

  beforeAll(async () => {
    lab = await openLab({ hosts: 2, tls: true });
    [first, second] = lab.hosts as unknown as [LabHost, LabHost];
  });
  afterAll(() => lab.close());

  const hostname = (name: string, port: number, pki: string) =>
    run(['virsh', '--quiet', '-c', `qemu+tls://${name}:${port}/system?pkipath=${pki}`, 'hostname']);

  it('lets in a client with a certificate of its authority, through a port of this machine', async () => {
    const door = await first.open('tls');
    try {
      const { stdout, stderr } = await hostname('localhost', door.port, join(lab.folder, 'pki'));
      expect(stderr).toBe('');
      expect(stdout.trim()).toBe('h1');
    } finally {
      await door.close();
    }
  });

  it('turns away a client that another authority has signed', async () => {
    const door = await first.open('tls');
    try {
      const folder = join(lab.folder, 'stranger');
      const stranger = await Authority.create(join(lab.folder, 'other-authority'));
      await stranger.certify(folder, 'client', []);
      await run(['cp', join(lab.folder, 'pki', 'cacert.pem'), folder]);
      expect((await hostname('localhost', door.port, folder)).status).not.toBe(0);
    } finally {
      await door.close();
    }
  });

  it('also answers without TLS, on its other port', async () => {
    const door = await second.open('tcp');
    try {
      const { stdout } = await run(['virsh', '--quiet', '-c', `qemu+tcp://localhost:${door.port}/system`, 'hostname']);
      expect(stdout.trim()).toBe('h2');
    } finally {
      await door.close();
    }
  });

  it('moves guests with TLS for the daemons and for the memory', async () => {
    await first.create(firmwareGuest({ name: 'secret', number: 1 }));
    await first.virsh('migrate', '--live', '--p2p', '--tls', 'secret', second.peerUri);
    expect(await second.guests()).toEqual(['secret']);
  });
});
