import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../describe.js';
import { guestImage } from '../guest/image.js';
import { busyboxGuest, guestAddress, guestMac, standInFunction } from '../guest/machine.js';
import type { LabHost } from './host.js';
import { openLab, type Lab } from './lab.js';
import { until } from './process-tree.js';
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

  /** Resolves when the guest has given its address to the card `eth<number>` for the `times`th time. */
  function addressed(host: LabHost, card: 0 | 1, times: number): Promise<void> {
    const what = `the guest does not use eth${card}`;
    return until(what, 60_000, async () => {
      const lines = (await host.console(guest)).split('\n');
      return lines.filter((line) => line.startsWith('ADDRESS') && line.includes(`eth${card}`)).length >= times;
    });
  }

  function unplugged(): Promise<void> {
    const gone = async () => !(await source.virsh('domiflist', guest)).includes('igb');
    return until('the card is still there', 30_000, gone);
  }

  it('cannot be the transient half of a team: libvirt wants a host device for that', async () => {
    const half = standInFunction({ mac: guestMac(1, 2), teamOf: 'ua-backup' });
    await expect(source.attach(guest, half)).rejects.toThrow(/transient interface must be type='hostdev'/);
  });

  it('is plugged and unplugged with the events of a real one, and the guest uses it meanwhile', async () => {
    const events = watchEvents(source);
    await source.attach(guest, card);
    await addressed(source, 1, 1);
    await lab.link.reachable(guestAddress(1));
    expect(await source.virsh('domiflist', guest)).toMatch(/igb/);
    await source.virsh('detach-device-alias', guest, 'ua-function');
    await addressed(source, 0, 2);
    await lab.link.reachable(guestAddress(1));
    await unplugged();
    const seen = await events.end();
    expect(seen).toMatch(/event 'device-added' for domain 'direct': ua-function/);
    expect(seen).toMatch(/event 'device-removed' for domain 'direct': ua-function/);
  });

  it('is unplugged, the guest migrates, and it is plugged again, under traffic', async () => {
    await source.attach(guest, card);
    await addressed(source, 1, 2);
    await lab.link.reachable(guestAddress(1));
    const traffic = lab.link.traffic(guestAddress(1));
    await source.virsh('detach-device-alias', guest, 'ua-function');
    await unplugged();
    await source.virsh('migrate', '--live', '--p2p', guest, target.peerUri);
    await target.attach(guest, card);
    await addressed(target, 1, 1);
    await lab.link.reachable(guestAddress(1));
    await sleep(500);
    console.log(`unplug, migrate, plug: ${JSON.stringify(await traffic.stop())}`);
    expect(await target.virsh('domiflist', guest)).toMatch(/igb/);
    expect(await source.guests()).toEqual([]);
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
