import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../describe.js';
import { guestImage } from '../guest/image.js';
import { busyboxGuest, guestAddress, guestMac, standInFunction } from '../guest/machine.js';
import type { LabHost } from './host.js';
import { openLab, type Lab } from './lab.js';
import { inside } from './program.js';

describeLab('a card that stands in for a virtual function', ['guests', 'stand-in functions'], () => {
  let lab: Lab;
  let source: LabHost;
  let target: LabHost;
  const guest = 'direct';
  const card = standInFunction({ mac: guestMac(1, 1), alias: 'ua-function' });

  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
    [source, target] = lab.hosts as unknown as [LabHost, LabHost];
    await source.create(busyboxGuest(await guestImage(), { name: guest, number: 1 }));
    await lab.link.reachable(guestAddress(1));
  });
  afterAll(() => lab.close());

  /** Resolves when the guest has written a line that matches, after `from` characters of its console. */
  async function told(host: LabHost, line: RegExp, from = 0): Promise<number> {
    for (;;) {
      const text = await host.console(guest);
      if (line.test(text.slice(from))) return text.length;
      await sleep(50);
    }
  }

  it('is plugged and unplugged with the events of a real one, and the guest uses it meanwhile', async () => {
    const events = watchEvents(source);
    await source.attach(guest, card);
    await told(source, /ADDRESS .* on eth1/);
    expect(await lab.link.answers(guestAddress(1))).toBe(true);
    expect(await source.virsh('domiflist', guest)).toMatch(/igb/);
    const plugged = await source.console(guest);
    await source.virsh('detach-device-alias', guest, 'ua-function');
    await told(source, /ADDRESS .* on eth0/, plugged.length);
    await lab.link.reachable(guestAddress(1));
    expect(await source.virsh('domiflist', guest)).not.toMatch(/igb/);
    const seen = await events.end();
    expect(seen).toMatch(/event 'device-added' for domain 'direct': ua-function/);
    expect(seen).toMatch(/event 'device-removed' for domain 'direct': ua-function/);
  });

  it('is unplugged, the guest migrates, and it is plugged again, under traffic', async () => {
    await source.attach(guest, card);
    await lab.link.reachable(guestAddress(1));
    await told(source, /ADDRESS .* on eth1\D*[\s\S]*ADDRESS .* on eth0[\s\S]*ADDRESS .* on eth1/);
    const traffic = lab.link.traffic(guestAddress(1));
    await source.virsh('detach-device-alias', guest, 'ua-function');
    while ((await source.virsh('domiflist', guest)).includes('igb')) await sleep(50);
    await source.virsh('migrate', '--live', '--p2p', guest, target.peerUri);
    await target.attach(guest, card);
    await told(target, /ADDRESS .* on eth1/);
    await lab.link.reachable(guestAddress(1));
    await sleep(500);
    console.log(`unplug, migrate, plug: ${JSON.stringify(await traffic.stop())}`);
    expect(await target.virsh('domiflist', guest)).toMatch(/igb/);
    expect(await source.guests()).toEqual([]);
  });

  it('cannot be the transient half of a team: libvirt wants a host device for that', async () => {
    const half = standInFunction({ mac: guestMac(1, 2), teamOf: 'ua-backup' });
    await expect(target.attach(guest, half)).rejects.toThrow(/transient interface must be type='hostdev'/);
  });
});

/** Collects what `virsh event` prints until told to end. */
function watchEvents(host: LabHost) {
  const [program = '', ...rest] = inside(host.pid, ['virsh', 'event', '--all', '--loop']);
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return {
    end: async () => {
      await sleep(200);
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
      await new Promise((resolve) => child.on('close', resolve));
      return text;
    },
  };
}
