import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  DomainRef,
  LibvirtClient,
  MigrateFlag,
  MigrateParameters,
} from '../../../../src/drivers/libvirt/rpc/index.js';
import { describeLab } from '../../../lab/describe.js';
import { firmwareGuest } from '../../../lab/guest/machine.js';
import type { LabHost } from '../../../lab/namespaces/host.js';
import { openLab } from '../../../lab/namespaces/lab.js';
import type { Lab } from '../../../lab/namespaces/lab.js';
import { Notices, openClient } from './lab-client.js';

const DEADLINE_MS = 60_000;

describeLab('a migration by a client of the source', ['hypervisors'], () => {
  let lab: Lab;
  let hosts: readonly [LabHost, LabHost];
  let source: LibvirtClient;
  let target: LibvirtClient;

  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
    hosts = lab.hosts as unknown as [LabHost, LabHost];
    [source, target] = await Promise.all([openClient(hosts[0].uri), openClient(hosts[1].uri)]);
  });
  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
    await lab.close();
  });

  function migrate(domain: DomainRef, parameters: MigrateParameters = {}, flags: readonly MigrateFlag[] = ['live']) {
    const move = { domain, destinationUri: hosts[1].peerUri, flags, parameters };
    return source.migrate(move, { deadlineMs: DEADLINE_MS });
  }

  it('moves a running domain, tells how it went on, and keeps what the target was told', async () => {
    const domain = await source.createXml(firmwareGuest({ name: 'mover', number: 1 }));
    const left = await Notices.of(source, ['lifecycle', 'jobCompleted', 'migrationIteration']);
    const came = await Notices.of(target, ['lifecycle']);
    const xml = (await source.getXml(domain, ['migratable', 'secure'])).replace(
      '<currentMemory',
      '<description>moved</description><currentMemory',
    );
    await migrate(domain, { destinationXml: xml, migrateUri: hosts[1].migrationUri, bandwidthMiBps: 500 });
    await expect(source.getState(domain)).rejects.toMatchObject({ codeName: 'noDomain' });
    const moved = await target.lookupDomainByUuid(domain.uuid);
    expect(await target.getState(moved)).toMatchObject({ kind: 'running' });
    expect(await target.getMetadata({ domain: moved, kind: 'description', namespace: null, impact: [] })).toBe('moved');
    const ended = await left.until((notice) => notice.kind === 'jobCompleted');
    expect(ended).toMatchObject({ job: { operation: 'migrationOut', downtimeMs: expect.any(Number) as number } });
    await left.until((notice) => notice.kind === 'lifecycle' && notice.event === 'stopped');
    expect(left.lifecycle.at(-1)).toBe('stopped migrated');
    expect(left.all.some((notice) => notice.kind === 'migrationIteration')).toBe(true);
    expect(came.lifecycle).toContain('started migrated');
    await target.destroy(moved);
  });

  it('shows its progress and obeys a new limit while it runs, and an abort leaves the domain where it was', async () => {
    const domain = await source.createXml(firmwareGuest({ name: 'stayer', number: 2 }));
    await source.setMigrationMaxDowntime(domain, 150);
    expect(await source.getMigrationMaxDowntime(domain)).toBe(150);
    const moving = migrate(domain, { bandwidthMiBps: 1 });
    moving.catch(() => undefined);
    let stats = await source.getJobStats(domain);
    while (!((stats.memoryProcessedBytes ?? 0) > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      stats = await source.getJobStats(domain);
    }
    expect(stats).toMatchObject({ operation: 'migrationOut', elapsedMs: expect.any(Number) as number });
    expect(stats.memoryTotalBytes).toBeGreaterThan(64 * 1024 * 1024);
    expect((await source.getJobInfo(domain)).memoryRemainingBytes).toBeGreaterThan(0);
    await source.setMigrationMaxSpeed(domain, 2);
    expect(await source.getMigrationMaxSpeed(domain)).toBe(2);
    await source.abortJob(domain);
    await expect(moving).rejects.toMatchObject({ kind: 'libvirt', codeName: 'operationAborted' });
    expect(await source.getState(domain)).toMatchObject({ kind: 'running' });
    expect(await target.listDomains()).toEqual([]);
    await source.destroy(domain);
  });

  it('goes on when the wait for it ends: only the daemon knows how', async () => {
    const domain = await source.createXml(firmwareGuest({ name: 'runner', number: 3 }));
    const left = await Notices.of(source, ['lifecycle']);
    const move = {
      domain,
      destinationUri: hosts[1].peerUri,
      flags: ['live'],
      parameters: { bandwidthMiBps: 4 },
    } as const;
    await expect(source.migrate(move, { deadlineMs: 100 })).rejects.toMatchObject({
      kind: 'deadlineExceeded',
      delivered: true,
    });
    const job = await source.getJobInfo(domain);
    expect(job.type).not.toBe('completed');
    await source.setMigrationMaxSpeed(domain, 500);
    await left.until((notice) => notice.kind === 'lifecycle' && notice.event === 'stopped');
    expect(left.lifecycle.at(-1)).toBe('stopped migrated');
    await target.destroy(await target.lookupDomainByName('runner'));
  });

  it('goes on when the connection of its caller ends', async () => {
    const domain = await source.createXml(firmwareGuest({ name: 'orphan', number: 5 }));
    const left = await Notices.of(source, ['lifecycle']);
    const caller = await openClient(hosts[0].uri);
    const move = {
      domain,
      destinationUri: hosts[1].peerUri,
      flags: ['live'],
      parameters: { bandwidthMiBps: 4 },
    } as const;
    const moving = caller.migrate(move, { deadlineMs: DEADLINE_MS });
    moving.catch(() => undefined);
    while ((await source.getJobInfo(domain)).type === 'none') await new Promise((resolve) => setTimeout(resolve, 20));
    await caller.close();
    await expect(moving).rejects.toMatchObject({ kind: 'connectionLost', delivered: true });
    await source.setMigrationMaxSpeed(domain, 500);
    await left.until((notice) => notice.kind === 'lifecycle' && notice.event === 'stopped');
    expect(left.lifecycle.at(-1)).toBe('stopped migrated');
    await target.destroy(await target.lookupDomainByName('orphan'));
  });

  it('is refused with the words of libvirt when the target changes what the guest sees', async () => {
    const domain = await source.createXml(firmwareGuest({ name: 'changed', number: 4 }));
    const xml = (await source.getXml(domain, ['migratable'])).replace('52:54:00:77:00:04', '52:54:00:77:00:ff');
    await expect(migrate(domain, { destinationXml: xml })).rejects.toMatchObject({
      kind: 'libvirt',
      codeName: 'configUnsupported',
    });
    await expect(migrate(domain, { persistentXml: '<domain/>' }, ['live', 'persistDestination'])).rejects.toMatchObject(
      {
        kind: 'libvirt',
      },
    );
    expect(await source.getState(domain)).toMatchObject({ kind: 'running' });
    await source.destroy(domain);
  });
});
