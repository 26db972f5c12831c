import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Libvirt } from '../../../src/drivers/libvirt/open.js';
import type { LibvirtClient } from '../../../src/drivers/libvirt/rpc/index.js';
import type { HypervisorAction, Machine, Outcome } from '../../../src/model/index.js';
import type { ActionContext, Progress } from '../../../src/ports/index.js';
import { plain, told } from '../../contracts/bench.js';
import { describeLab } from '../../lab/describe.js';
import { firmwareGuest, type GuestOptions } from '../../lab/guest/machine.js';
import type { LabHost } from '../../lab/namespaces/host.js';
import { openLab, type Lab } from '../../lab/namespaces/lab.js';
import { until } from '../../lab/namespaces/process-tree.js';
import { clear, defineAndStart, labSettings, openLabDriver, order, processesOf } from './lab-cluster.js';
import { Notices, openClient } from './rpc/lab-client.js';

/** Memory that cannot be told in a few bytes, and so slow a network that something can happen meanwhile. */
const BALLAST_MIB = 12;
const SLOW = { bandwidthMibps: 1 };
const LATE_MS = 90_000;

describeLab('a migration by the driver for libvirt', ['hypervisors'], () => {
  let lab: Lab;
  let source: LabHost;
  let target: LabHost;
  let driver: Libvirt;

  beforeAll(async () => {
    lab = await openLab({ hosts: 2, tls: true });
    [source, target] = lab.hosts as unknown as [LabHost, LabHost];
    writeFileSync(ballast(), randomBytes(BALLAST_MIB * 2 ** 20));
    driver = openLabDriver(lab.hosts, { sharedPaths: [lab.sharedFolder] });
  });
  afterEach(() => clear(lab.hosts));
  afterAll(async () => {
    await driver.hypervisor.close();
    await lab.close();
  });

  const ballast = (): string => join(lab.sharedFolder, 'ballast');
  const begin = (parts: Partial<GuestOptions> = {}) =>
    defineAndStart(source, firmwareGuest({ name: 'guest', number: 1, ballast: ballast(), ...parts }));
  const move = (
    parts: Partial<Extract<HypervisorAction, { readonly kind: 'migrate' }>> = {},
    context: Partial<ActionContext> = {},
    by = driver,
  ): Promise<Outcome> => by.hypervisor.perform(order('guest', source, target, parts), plain(context));
  const machines = async (): Promise<readonly Machine[]> => (await driver.hypervisor.observe()).machines;
  /** Hosts of the guest with its state, and what QEMU processes there are. */
  const places = async (): Promise<readonly string[]> =>
    (await machines()).map(({ host, state, job }) => `${host} ${state}${job === null ? '' : ` to ${job.to}`}`).sort();
  const settled = (...expected: readonly string[]): Promise<void> =>
    until(`the machine is not ${expected.join(' and ')}`, LATE_MS, async () => {
      return JSON.stringify(await places()) === JSON.stringify(expected);
    });
  /** The guest never stopped on the source: whoever waits for it need not ask the target. */
  const lostTarget = { kind: 'failed', code: 'HostUnreachable', certain: true };
  const here = (): string => `${source.name} running`;
  const allAnswer = (): Promise<void> =>
    until('not all hosts answer', LATE_MS, async () =>
      (await driver.hypervisor.observe()).hosts.every(({ state }) => state === 'up'),
    );
  /** The only copy runs on the source, and the target is as before. */
  const stayed = async (): Promise<void> => {
    await allAnswer();
    await settled(here());
    await until('the target still has a QEMU', LATE_MS, async () => (await processesOf(target, 'guest')) === 0);
    expect(await processesOf(source, 'guest')).toBe(1);
  };

  /** Runs a slow migration, does something once memory is on its way, and resolves with the outcome. */
  async function disturbed(disturb: () => Promise<unknown>, by = driver): Promise<Outcome> {
    let copying = (): void => undefined;
    const begun = new Promise<void>((resolve) => (copying = resolve));
    const ended = move(SLOW, { onProgress: () => copying() }, by);
    await Promise.race([begun, ended]);
    await disturb();
    return ended;
  }

  /** What QEMU itself says of its migrations. */
  const qemuSays = (what: 'migrate_parameters' | 'migrate_capabilities' | 'migrate'): Promise<string> =>
    source.virsh('qemu-monitor-command', '--hmp', 'guest', `info ${what}`);

  it('tells how far it is by bytes that grow, and keeps to the bandwidth and downtime of its order', async () => {
    await begin();
    const client = await openClient(source.uri);
    const notices = await Notices.of(client, ['migrationIteration', 'jobCompleted']);
    const seen: Progress[] = [];
    const told_: { parameters: string; speed: number; downtimeMs: number }[] = [];
    const outcome = await move(
      { ...SLOW, maxDowntimeMs: 170 },
      {
        onProgress: (progress) => {
          seen.push(progress);
          if (seen.length === 2) void ask(client);
        },
      },
    );
    async function ask(of: LibvirtClient): Promise<void> {
      const domain = await of.lookupDomainByName('guest');
      told_.push({
        parameters: await qemuSays('migrate_parameters'),
        speed: await of.getMigrationMaxSpeed(domain),
        downtimeMs: await of.getMigrationMaxDowntime(domain),
      });
      await of.setMigrationMaxSpeed(domain, 1000);
    }
    expect(outcome).toMatchObject({ kind: 'done', measured: { bytes: expect.any(Number) as number } });
    expect(outcome.kind === 'done' ? (outcome.measured?.bytes ?? 0) : 0).toBeGreaterThan(BALLAST_MIB * 2 ** 20);
    expect(outcome.kind === 'done' ? (outcome.measured?.seconds ?? 0) : 0).toBeGreaterThan(0.5);
    const bytes = seen.map(({ doneBytes }) => doneBytes);
    expect(bytes.length).toBeGreaterThan(1);
    expect(bytes).toEqual(bytes.toSorted((left, right) => left - right));
    expect(bytes.at(-1)).toBeGreaterThan(bytes[0] ?? 0);
    for (const { doneBytes, totalBytes } of seen) expect(totalBytes).toBeGreaterThanOrEqual(doneBytes);
    expect(told_).toMatchObject([{ speed: 1, downtimeMs: 170 }]);
    expect(told_[0]?.parameters).toMatch(/downtime-limit: 170 /);
    await notices.until(({ kind }) => kind === 'migrationIteration');
    await notices.until(({ kind }) => kind === 'jobCompleted');
    await client.close();
    await settled(`${target.name} running`);
  });

  it('takes auto-converge and parallel connections, and QEMU has them', async () => {
    await begin();
    let said = '';
    const outcome = await move(
      { ...SLOW, autoConverge: true, connections: 2 },
      {
        onProgress: () => {
          if (said !== '') return;
          said = 'asked';
          void Promise.all([qemuSays('migrate_capabilities'), qemuSays('migrate_parameters')]).then(async (all) => {
            said = all.join('\n');
            await source.virsh('migrate-setspeed', 'guest', '1000');
          });
        },
      },
    );
    expect(told(outcome)).toBe('done');
    expect(said).toMatch(/auto-converge: on/);
    expect(said).toMatch(/multifd: on/);
    expect(said).toMatch(/multifd-channels: 2/);
  });

  it('encrypts memory where the settings ask for TLS', async () => {
    const encrypting = openLabDriver(lab.hosts, { tls: true });
    await begin();
    let said = '';
    const outcome = await disturbed(async () => {
      said = await qemuSays('migrate_parameters');
      await source.virsh('migrate-setspeed', 'guest', '1000');
    }, encrypting);
    await encrypting.hypervisor.close();
    expect(told(outcome)).toBe('done');
    expect(said).toMatch(/tls-creds: '?obj/);
  });

  it('leaves a shared disk where it is, and brings the bytes of a local one along', async () => {
    const disk = (folder: string, name: string) => ({ file: join(folder, name), format: 'raw' as const });
    const outside = (host: LabHost, name: string): string => join(host.folder, 'local', name);
    const content = Buffer.alloc(3 * 2 ** 20, 'what the guest has written ');
    writeFileSync(outside(source, 'disk.raw'), content);
    writeFileSync(outside(target, 'disk.raw'), Buffer.alloc(content.length));
    await begin({ disks: [disk(lab.localFolder, 'disk.raw')] });
    expect(await machines()).toMatchObject([{ sharedDisks: false }]);
    expect(told(await move())).toBe('done');
    expect(readFileSync(outside(target, 'disk.raw')).equals(content)).toBe(true);

    await clear(lab.hosts);
    writeFileSync(join(lab.sharedFolder, 'disk.raw'), content);
    await begin({ disks: [disk(lab.sharedFolder, 'disk.raw')] });
    expect(await machines()).toMatchObject([{ sharedDisks: true }]);
    const outcome = await move();
    expect(told(outcome)).toBe('done');
  });

  it('copies local disks only: of two disks, the shared one is not sent', async () => {
    const content = Buffer.alloc(4 * 2 ** 20, 'shared ');
    const own = Buffer.alloc(2 ** 20, 'own ');
    writeFileSync(join(lab.sharedFolder, 'both.raw'), content);
    writeFileSync(join(source.folder, 'local', 'own.raw'), own);
    writeFileSync(join(target.folder, 'local', 'own.raw'), Buffer.alloc(own.length));
    await begin({
      disks: [{ file: join(lab.sharedFolder, 'both.raw') }, { file: join(lab.localFolder, 'own.raw') }],
    });
    expect(told(await move())).toBe('done');
    expect(readFileSync(join(target.folder, 'local', 'own.raw')).equals(own)).toBe(true);
    expect(readFileSync(join(lab.sharedFolder, 'both.raw')).equals(content)).toBe(true);
  });

  it('is aborted at its deadline: the machine never left', async () => {
    await begin();
    const outcome = await move(SLOW, { signal: AbortSignal.timeout(1500) });
    expect(outcome).toMatchObject({ kind: 'failed', code: 'Aborted', certain: true });
    await stayed();
  });

  it('fails when the target daemon is killed; once it is back, one copy runs and the move can be made', async () => {
    await begin();
    const outcome = await disturbed(() => target.killDaemon());
    console.log(`target daemon killed: ${JSON.stringify(outcome)}`);
    expect(outcome).toMatchObject(lostTarget);
    const { hosts } = await driver.hypervisor.observe();
    expect(hosts.find(({ name }) => name === target.name)?.state).toBe('unknown');
    await target.startDaemon();
    await stayed();
    expect(told(await move())).toBe('done');
    await settled(`${target.name} running`);
  });

  it('tells first of all that the guest stopped for the switch-over: on that stands the proof of one that never did', async () => {
    await begin();
    const client = await openClient(source.uri);
    const notices = await Notices.of(client, ['lifecycle']);
    expect(told(await move())).toBe('done');
    await notices.until((notice) => notice.kind === 'lifecycle' && notice.event === 'stopped');
    expect(notices.lifecycle[0]).toMatch(/^suspended (paused|migrated)$/);
    await client.close();
  });

  it('is unknown when the source daemon is killed; once it is back, one copy runs and the move can be made', async () => {
    await begin();
    const outcome = await disturbed(() => source.killDaemon());
    console.log(`source daemon killed: ${JSON.stringify(outcome)}`);
    expect(told(outcome)).toBe('unknown HostUnreachable');
    const seen = await driver.hypervisor.observe();
    expect(seen.hosts.find(({ name }) => name === source.name)?.state).toBe('unknown');
    expect(seen.machines.filter(({ state }) => state === 'running')).toEqual([]);
    await source.startDaemon();
    await stayed();
    expect(told(await move())).toBe('done');
    await settled(`${target.name} running`);
  });

  it('fails within seconds when the link of the target is cut; both sides are clean, and the move can be made', async () => {
    await begin();
    let cutAt = 0;
    const outcome = await disturbed(async () => {
      await lab.link.cut(target);
      cutAt = performance.now();
    });
    console.log(`link cut: ${((performance.now() - cutAt) / 1000).toFixed(1)} s, ${JSON.stringify(outcome)}`);
    expect(outcome).toMatchObject(lostTarget);
    await lab.link.restore(target);
    await stayed();
    await lab.link.reachable(target.address);
    expect(told(await move())).toBe('done');
  });

  it('fails when the target loses power, and can be made when it has come back', async () => {
    await begin();
    const outcome = await disturbed(() => target.crash());
    console.log(`target without power: ${JSON.stringify(outcome)}`);
    expect(outcome).toMatchObject(lostTarget);
    expect(await places()).toEqual([here()]);
    expect(await move()).toMatchObject(lostTarget);
    await target.boot();
    await allAnswer();
    expect(told(await move())).toBe('done');
  });

  it('goes on without the controller that began it; the next one sees it and where it goes, and can end it', async () => {
    await begin();
    const first = openLabDriver(lab.hosts);
    const outcome = await disturbed(() => first.hypervisor.close(), first);
    expect(told(outcome)).toMatch(/^unknown /);
    expect(await places()).toEqual([`${source.name} running to ${target.name}`, `${target.name} incoming`].sort());
    expect(told(await move())).toBe('failed MachineBusy');
    const stop = { port: 'hypervisor', kind: 'abort', machine: 'guest', host: source.name } as const;
    expect(told(await driver.hypervisor.perform(stop, plain()))).toBe('done');
    await stayed();
  });

  it('ends with a copy that is paused when the machine was paused', async () => {
    await begin();
    await source.virsh('suspend', 'guest');
    expect(told(await move())).toBe('done');
    await settled(`${target.name} paused`);
  });

  it('is refused where nobody says how the source reaches the target', async () => {
    await begin();
    const { hypervisor } = openLabDriver(lab.hosts, {
      hosts: lab.hosts.map((host) => ({
        ...openable(host),
        peerUri: null,
      })),
    });
    const outcome = await hypervisor.perform(order('guest', source, target), plain());
    await hypervisor.close();
    expect(told(outcome)).toBe('failed HostUnreachable');
    expect(await places()).toEqual([here()]);
  });
});

function openable(host: LabHost) {
  const [settings] = labSettings([host]).hosts;
  if (settings === undefined) throw new Error('there is no host');
  return settings;
}
