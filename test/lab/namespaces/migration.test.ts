import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeLab } from '../describe.js';
import { guestImage } from '../guest/image.js';
import { busyboxGuest, firmwareGuest, guestAddress } from '../guest/machine.js';
import type { LabHost } from './host.js';
import { openLab, type Lab } from './lab.js';
import { until } from './process-tree.js';

/** What libvirt, with QEMU and a real guest, does when a migration is disturbed: the facts that the driver is built on. */
describeLab('a peer-to-peer migration between two hosts of a lab', ['guests'], () => {
  let lab: Lab;
  let source: LabHost;
  let target: LabHost;
  const guest = 'moving';

  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
    [source, target] = lab.hosts as unknown as [LabHost, LabHost];
    await source.create(busyboxGuest(await guestImage(), { name: guest, number: 1 }));
    await lab.link.reachable(guestAddress(1));
  });
  afterAll(() => lab.close());

  /** Every test starts with the guest on `source`, undisturbed. */
  beforeEach(async () => {
    if (!(await source.guests()).includes(guest)) [source, target] = [target, source];
    expect(await source.guests()).toContain(guest);
    expect(await target.guests()).not.toContain(guest);
  });

  const migrate = (...more: readonly string[]) =>
    source.exec(['virsh', '--quiet', 'migrate', '--live', '--p2p', ...more, guest, target.peerUri]);

  /** Starts a migration at 2 MiB/s, disturbs it when memory is on its way, and resolves when it has ended. */
  async function disturbed(disturb: () => Promise<unknown>) {
    const ended = migrate('--bandwidth', '2');
    await until('the migration has not begun', 30_000, async () => {
      const { stdout } = await source.exec(['virsh', '--quiet', 'domjobinfo', guest]);
      return /Data processed: +[1-9]/.test(stdout);
    });
    await disturb();
    return ended;
  }

  async function guestProcesses(host: LabHost): Promise<number> {
    const { stdout } = await host.exec(['sh', '-c', `ps -eo args | grep -c '[g]uest=${guest}'`]);
    return Number(stdout);
  }

  it('takes the guest along while it answers pings from a third party', async () => {
    const traffic = lab.link.traffic(guestAddress(1));
    await sleep(500);
    const { status, stderr } = await migrate();
    expect(stderr).toBe('');
    expect(status).toBe(0);
    await sleep(1000);
    const report = await traffic.stop();
    console.log(`migration: ${JSON.stringify(report)}`);
    expect(await target.guests()).toContain(guest);
    expect(await source.guests()).not.toContain(guest);
    expect(report.received).toBeGreaterThan(0);
    expect(await lab.link.answers(guestAddress(1))).toBe(true);
  });

  it('can be aborted: the guest stays, and the target keeps nothing', async () => {
    const { status, stderr } = await disturbed(() => source.virsh('domjobabort', guest));
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/canceled by client/);
    expect(await source.virsh('domstate', guest, '--reason')).toMatch(/^running/);
    expect(await guestProcesses(target)).toBe(0);
  });

  it('ends when the target daemon is killed; the guest runs on at the source, and a restart clears the target', async () => {
    const { status, stderr } = await disturbed(() => target.killDaemon());
    console.log(`target daemon killed: ${stderr.trim()}`);
    expect(status).not.toBe(0);
    expect(await source.virsh('domstate', guest, '--reason')).toMatch(/^running/);
    expect(await lab.link.answers(guestAddress(1))).toBe(true);
    await target.startDaemon();
    // For a moment the restarted daemon lists the guest: it takes up the QEMU that waits for memory before it ends it.
    await until('the target still lists the guest', 30_000, async () => !(await target.guests()).includes(guest));
    expect(await guestProcesses(target)).toBe(0);
  });

  it('ends when the source daemon is killed; after its restart the guest runs there and nowhere else', async () => {
    const { status, stderr } = await disturbed(() => source.killDaemon());
    console.log(`source daemon killed: ${stderr.trim()}`);
    expect(status).not.toBe(0);
    await source.startDaemon();
    expect(await source.virsh('domstate', guest, '--reason')).toMatch(/^running/);
    expect(await lab.link.answers(guestAddress(1))).toBe(true);
    expect(await guestProcesses(target)).toBe(0);
  });

  it('ends by keepalive when the link of the target is cut; both sides are clean once it is back', async () => {
    let cutAt = 0;
    const { status, stderr } = await disturbed(async () => {
      await lab.link.cut(target);
      cutAt = performance.now();
    });
    console.log(`link cut: ended after ${((performance.now() - cutAt) / 1000).toFixed(1)} s: ${stderr.trim()}`);
    await lab.link.restore(target);
    expect(status).not.toBe(0);
    expect(await source.virsh('domstate', guest, '--reason')).toMatch(/^running/);
    await until('the target still has a QEMU', 30_000, async () => (await guestProcesses(target)) === 0);
    expect(await target.guests()).not.toContain(guest);
    await lab.link.reachable(target.address);
  });

  it('ends when the target loses power', async () => {
    const { status, stderr } = await disturbed(() => target.crash());
    console.log(`target without power: ${stderr.trim()}`);
    expect(status).not.toBe(0);
    expect(await source.virsh('domstate', guest, '--reason')).toMatch(/^running/);
    await target.boot();
    expect(await target.guests()).toEqual([]);
  });

  it('works again after all that, and for guests without an operating system too', async () => {
    expect((await migrate()).stderr).toBe('');
    const [from, to] = [source, target];
    await from.create(firmwareGuest({ name: 'bulk', number: 2 }));
    await from.virsh('migrate', '--live', '--p2p', 'bulk', to.peerUri);
    expect(await to.guests()).toContain('bulk');
  });

  it('leaves a shared disk where it is, and copies a local one', async () => {
    const [from, to] = [source, target];
    const disk = (folder: string) => ({ file: `${folder}/disk.qcow2`, format: 'qcow2' as const });
    const empty = (folder: string) => ['qemu-img', 'create', '-q', '-f', 'qcow2', disk(folder).file, '4M'];
    const [shared, local] = [lab.sharedFolder, lab.localFolder];
    for (const folder of [shared, local]) expect((await from.exec(empty(folder))).stderr).toBe('');
    // On the target libvirt makes the file itself only in a storage pool that it knows.
    expect((await to.exec(empty(local))).stderr).toBe('');
    await from.create(firmwareGuest({ name: 'with-shared-disk', number: 3, disks: [disk(shared)] }));
    await from.create(firmwareGuest({ name: 'with-local-disk', number: 4, disks: [disk(local)] }));
    await from.virsh('migrate', '--live', '--p2p', '--unsafe', 'with-shared-disk', to.peerUri);
    await from.virsh('migrate', '--live', '--p2p', '--copy-storage-all', 'with-local-disk', to.peerUri);
    expect(await to.guests()).toEqual(expect.arrayContaining(['with-shared-disk', 'with-local-disk']));
  });
});
