import { afterAll, beforeAll, expect, it } from 'vitest';
import { domainStateOf, numberOf } from '../../../../src/drivers/libvirt/rpc/index.js';
import type { DomainRef, LibvirtClient } from '../../../../src/drivers/libvirt/rpc/index.js';
import { describeLab } from '../../../lab/describe.js';
import { firmwareGuest, standInFunction } from '../../../lab/guest/machine.js';
import { openLab } from '../../../lab/namespaces/lab.js';
import type { LabHost } from '../../../lab/namespaces/host.js';
import type { Lab } from '../../../lab/namespaces/lab.js';
import { Notices, openClient } from './lab-client.js';

describeLab('a client of a real daemon', ['hypervisors'], () => {
  let lab: Lab;
  let host: LabHost;
  let client: LibvirtClient;

  beforeAll(async () => {
    lab = await openLab({ hosts: 1 });
    [host] = lab.hosts as [LabHost];
    client = await openClient(host.uri);
  });
  afterAll(async () => {
    await client.close();
    await lab.close();
  });

  /** Runs `use` with a running guest, which is gone afterwards. */
  async function withGuest(number: number, use: (domain: DomainRef) => Promise<void>): Promise<void> {
    const domain = await client.createXml(firmwareGuest({ name: `guest${number}`, number }), ['paused']);
    try {
      await use(domain);
    } finally {
      await client.destroy(domain).catch(() => undefined);
    }
  }

  it('tells the same of the host as virsh does', async () => {
    const [version, hostname, info] = await Promise.all([
      client.getLibVersion(),
      client.getHostname(),
      client.getNodeInfo(),
    ]);
    const { major, minor, micro } = version;
    expect(await host.virsh('version', '--daemon')).toContain(`daemon: ${major}.${minor}.${micro}`);
    expect(hostname).toBe(host.name);
    const told = await host.virsh('nodeinfo');
    expect(told).toMatch(new RegExp(`CPU model: +${info.model}\n`));
    expect(told).toMatch(new RegExp(`CPU\\(s\\): +${info.cpus}\n`));
    expect(told).toMatch(new RegExp(`Memory size: +${info.memoryKiB} KiB`));
    expect(await client.getCapabilities()).toContain(`<uuid>${host.uuid}</uuid>`);
    expect(await client.getDomainCapabilities({ virtType: 'qemu' })).toContain('<domainCapabilities>');
  });

  it('tells load and free memory of the host', async () => {
    const cpu = await client.getNodeCpuStats(null);
    expect(Object.keys(cpu).sort()).toEqual(['idle', 'iowait', 'kernel', 'user']);
    const memory = await client.getNodeMemoryStats(null);
    expect(memory['total']).toBeGreaterThan(memory['free'] ?? Infinity);
    expect(await client.getCellsFreeMemory(0, 1)).toEqual([expect.any(Number)]);
    expect(await client.getFreePages({ pageSizesKiB: [4], firstCell: 0, cells: 1 })).toEqual([expect.any(Number)]);
    expect(await client.getNodeFreeMemory()).toBeGreaterThan(0);
  });

  it('reads the devices of the host', async () => {
    const names = await client.listNodeDevices();
    expect(names).toContain('computer');
    expect(await client.getNodeDeviceXml('computer')).toContain('<name>computer</name>');
    expect(await client.listNodeDevices(['system'])).toEqual(['computer']);
    await expect(client.getNodeDeviceXml('pci_ffff_ff_ff_7')).rejects.toMatchObject({ codeName: 'noNodeDevice' });
    await expect(client.detachNodeDevice('pci_ffff_ff_ff_7', 'vfio')).rejects.toMatchObject({ kind: 'libvirt' });
  });

  it('takes a transient domain through its life, with an event for each change', async () => {
    const notices = await Notices.of(client, ['lifecycle']);
    await withGuest(1, async (domain) => {
      expect(domain).toEqual({ name: 'guest1', uuid: expect.any(String) as string, id: expect.any(Number) as number });
      expect(await client.getState(domain)).toMatchObject({ kind: 'paused' });
      await client.resume(domain);
      expect(await client.getState(domain)).toMatchObject({ kind: 'running', reason: 'unpaused' });
      await client.suspend(domain);
      expect(await client.getState(domain)).toMatchObject({ kind: 'paused', reason: 'user' });
      expect(await client.isActive(domain)).toBe(true);
      expect(await client.isPersistent(domain)).toBe(false);
      expect(await client.lookupDomainByName('guest1')).toEqual(domain);
      expect(await client.lookupDomainByUuid(domain.uuid)).toEqual(domain);
      expect(await client.listDomains(['active'])).toEqual([domain]);
      expect(await client.getXml(domain)).toContain(`<uuid>${domain.uuid}</uuid>`);
      await client.destroy(domain);
      await notices.until((notice) => notice.kind === 'lifecycle' && notice.event === 'stopped');
      await expect(client.getState(domain)).rejects.toMatchObject({ codeName: 'noDomain' });
    });
    expect(notices.lifecycle.filter((one) => !one.startsWith('shutdown'))).toEqual([
      'started booted',
      'suspended paused',
      'resumed unpaused',
      'suspended paused',
      'stopped destroyed',
    ]);
  });

  it('takes a defined domain through its life', async () => {
    const notices = await Notices.of(client, ['lifecycle']);
    const domain = await client.defineXml(firmwareGuest({ name: 'guest2', number: 2 }));
    expect(domain.id).toBeNull();
    expect(await client.getState(domain)).toMatchObject({ kind: 'shutOff' });
    const running = await client.create(domain, ['paused']);
    expect(running).toEqual({ ...domain, id: expect.any(Number) as number });
    await expect(client.create(domain)).rejects.toMatchObject({ codeName: 'operationInvalid' });
    await client.shutdown(running).catch(() => undefined);
    await client.destroy(running);
    await client.undefine(domain);
    await notices.until((notice) => notice.kind === 'lifecycle' && notice.event === 'undefined');
    expect(notices.lifecycle).toEqual(expect.arrayContaining(['defined added', 'started booted', 'undefined removed']));
  });

  it.each([
    { reason: 'a domain that is not there', call: () => client.lookupDomainByName('nobody'), codeName: 'noDomain' },
    { reason: 'XML that is none', call: () => client.createXml('<domain'), codeName: 'xmlDetail' },
    {
      reason: 'a machine without buses',
      call: () =>
        client.defineXml(
          "<domain type='qemu'><name>x</name><memory>1</memory><os><type machine='no'>hvm</type></os></domain>",
        ),
      codeName: 'xmlError',
    },
  ])('rejects with the code of the daemon: $reason', async ({ call, codeName }) => {
    await expect(call()).rejects.toMatchObject({ kind: 'libvirt', level: 'error', codeName });
  });

  it('gives statistics of all domains by one call', async () => {
    await withGuest(3, async (domain) => {
      const all = await client.getAllDomainStats({ domains: [], groups: ['state', 'balloon'], options: ['active'] });
      expect(all.map((stats) => stats.domain)).toEqual([domain]);
      const parameters = all[0]?.parameters ?? [];
      const [state, reason] = ['state.state', 'state.reason'].map((field) => numberOf(parameters, field) ?? -1);
      expect(domainStateOf(state ?? -1, reason ?? -1)).toEqual(await client.getState(domain));
      expect(numberOf(parameters, 'balloon.maximum')).toBe(64 * 1024);
      expect((await client.getMemoryStats(domain)).rssKiB).toBeGreaterThan(1000);
      const one = await client.getAllDomainStats({ domains: [domain], groups: [], options: ['noWait'] });
      expect(one[0]?.parameters.length).toBeGreaterThan(parameters.length);
      await expect(client.getBlockInfo(domain, 'vdz')).rejects.toMatchObject({ kind: 'libvirt' });
      expect(await client.getJobInfo(domain)).toMatchObject({ type: 'none' });
    });
  });

  it('keeps metadata, and tells when it changes', async () => {
    await withGuest(4, async (domain) => {
      const notices = await Notices.of(client, ['metadataChange']);
      const where = { domain, kind: 'element', namespace: 'urn:test', impact: ['live'] } as const;
      await expect(client.getMetadata(where)).rejects.toMatchObject({ codeName: 'noDomainMetadata' });
      await client.setMetadata({ ...where, prefix: 't', value: '<a b="1"/>' });
      expect(await client.getMetadata(where)).toContain('b="1"');
      await notices.until((notice) => notice.kind === 'metadataChange' && notice.namespace === 'urn:test');
      await client.setMetadata({ ...where, prefix: null, value: null });
      await expect(client.getMetadata(where)).rejects.toMatchObject({ codeName: 'noDomainMetadata' });
    });
  });

  it('plugs a device, and tells by its alias when it has come', async () => {
    await withGuest(5, async (domain) => {
      const notices = await Notices.of(client, ['deviceAdded']);
      const xml = standInFunction({ mac: '52:54:00:77:09:05', alias: 'ua-card' }).replace("'igb'", "'virtio'");
      await client.attachDevice({ domain, xml, flags: ['live'] });
      await notices.until((notice) => notice.kind === 'deviceAdded' && notice.alias === 'ua-card');
      expect(await client.getXml(domain)).toContain('52:54:00:77:09:05');
      await expect(client.attachDevice({ domain, xml, flags: ['live'] })).rejects.toMatchObject({ kind: 'libvirt' });
      const unknown = client.detachDeviceAlias(domain, 'ua-nothing', ['live']);
      await expect(unknown).rejects.toMatchObject({ kind: 'libvirt' });
    });
  });

  it('is understood in the calls that have no effect here', async () => {
    await withGuest(6, async (domain) => {
      const nothing = 'pci_ffff_ff_ff_7';
      const card = `<interface type='bridge'><mac address='52:54:00:77:00:06'/><source bridge='br0'/><model type='virtio'/><link state='down'/><rom enabled='no'/></interface>`;
      await client.updateDevice({ domain, xml: card, flags: ['live'] });
      expect(await client.getXml(domain)).toContain("<link state='down'/>");
      expect(await client.supportsFeature('migrationP2p')).toBe(true);
      expect(await client.lookupNodeDevice('computer')).toBe('computer');
      expect((await client.getHypervisorVersion()).major).toBeGreaterThan(0);
      expect(await client.getInterfaceAddresses(domain, 'arp')).toEqual([]);
      expect(await client.getMigrationMaxSpeed(domain)).toBeGreaterThan(0);
      const refused = [
        client.reAttachNodeDevice(nothing),
        client.resetNodeDevice(nothing),
        client.abortJob(domain),
        client.abortJobFlags(domain, []),
        client.detachDevice({ domain, xml: card.replace(':06', ':99'), flags: ['live'] }),
        client.setAutostart(domain, true),
        client.undefine(domain, ['keepNvram']),
        client.setMigrationMaxSpeed(domain, 2 ** 50),
      ];
      // `rpc` is what a daemon answers to arguments that it cannot read.
      for (const result of await Promise.allSettled(refused)) {
        expect(result).toMatchObject({ reason: { kind: 'libvirt' } });
        expect(result).not.toMatchObject({ reason: { codeName: 'rpc' } });
      }
    });
  });

  it('does many things at once on one connection', async () => {
    const domains = await Promise.all(
      [10, 11, 12, 13].map((number) => client.createXml(firmwareGuest({ name: `many${number}`, number }), ['paused'])),
    );
    const states = await Promise.all(
      Array.from({ length: 400 }, (_, index) => client.getState(domains[index % 4] as DomainRef)),
    );
    expect(new Set(states.map((state) => state.kind))).toEqual(new Set(['paused']));
    await Promise.all(domains.map((domain) => client.destroy(domain)));
    expect((await client.listDomains()).filter(({ name }) => name.startsWith('many'))).toEqual([]);
  });

  it('refuses changes to a client that only reads', async () => {
    const reader = await openClient(host.uri, { readOnly: true });
    await expect(reader.createXml(firmwareGuest({ name: 'no', number: 20 }))).rejects.toMatchObject({
      codeName: 'operationDenied',
    });
    await reader.close();
  });
});
