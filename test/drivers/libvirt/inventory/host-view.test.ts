import { describe, expect, it } from 'vitest';
import type { HostViewOptions } from '../../../../src/drivers/libvirt/inventory/index.js';
import { HostView } from '../../../../src/drivers/libvirt/inventory/index.js';
import { IDLE_VF } from '../../../../src/model/index.js';
import { pciXml } from './fixture.js';
import { guestXml, PF, refOf, smallHost, VFS } from './scripted-host.js';

function watch(over: Partial<HostViewOptions> = {}) {
  const host = smallHost();
  const time = { now: 1_000_000 };
  const view = new HostView(host, { host: 'host-a', now: () => time.now, resyncMs: 60_000, ...over });
  return { host, time, view };
}

const domain = (name: string) => ({ kind: 'domain', uuid: refOf(name, null).uuid }) as const;

describe('the first pass over a host', () => {
  it('asks for everything, and waits for the host three times, for XML of what does not run in the last', async () => {
    const { host, view } = watch();
    const { roundTrips } = await view.observe();
    expect(host.take()).toEqual({
      asked: [
        'capabilities',
        'domainCapabilities',
        'domainJob du-1',
        'domainJob idle',
        'domainXml du-1',
        'domainXml idle',
        'domains',
        'nodeDeviceXml net',
        'nodeDeviceXml pf',
        'nodeDeviceXml vf0',
        'nodeDeviceXml vf1',
        'nodeDeviceXml vf2',
        'nodeDevices',
      ],
      rounds: 3,
    });
    expect(roundTrips).toBe(3);
  });

  it('waits no oftener for a host with hundreds of domains and devices', async () => {
    const { host, view } = watch();
    for (let index = 0; index < 300; index++) {
      host.domainsByName.set(`vm-${index}`, { id: 10 + index, xml: guestXml(`vm-${index}`) });
      host.devicesByName.set(`gpu${index}`, pciXml({ bdf: `0000:${(index % 128) + 64}:00.0`, class: '030000' }));
    }
    const { machines, roundTrips } = await view.observe();
    expect(machines).toHaveLength(302);
    expect([host.take().rounds, roundTrips]).toEqual([3, 3]);
  });

  it('shows hardware, machines, and who has what', async () => {
    const { host, machines, dummies, holders, findings } = await watch().view.observe();
    expect(host.devices.map(({ function: is }) => is.kind)).toEqual(['pf', 'vf', 'vf', 'vf']);
    expect(host.devices[1]?.function).toMatchObject({ attributes: { ...IDLE_VF, adminMac: '52:54:00:00:00:00' } });
    expect(machines.map(({ name, state, assignments }) => [name, state, assignments.length])).toEqual([
      ['du-1', 'running', 1],
      ['idle', 'stopped', 0],
    ]);
    expect([...holders]).toEqual([[VFS[0], 'du-1']]);
    expect([dummies, findings]).toEqual([[], []]);
  });
});

describe('a later pass', () => {
  it('asks once, when nothing happened, and shows the same', async () => {
    const { host, view } = watch();
    const first = await view.observe();
    host.take();
    const second = await view.observe();
    expect(host.take()).toEqual({ asked: ['domainJob du-1', 'domains'], rounds: 1 });
    expect({ ...second, roundTrips: 3 }).toEqual(first);
  });

  it('asks again for what an event named, and for nothing else', async () => {
    const { host, view } = watch();
    await view.observe();
    host.take();
    host.domainsByName.set('idle', { id: null, xml: guestXml('idle').replace('>1<', '>4<') });
    host.devicesByName.set('net', host.devicesByName.get('net')?.replace("state='up'", "state='down'") ?? '');
    view.changed(domain('idle'));
    view.changed({ kind: 'device', name: 'net' });
    const { machines, host: shown } = await view.observe();
    expect(host.take()).toEqual({
      asked: ['domainJob du-1', 'domainJob idle', 'domainXml idle', 'domains', 'nodeDeviceXml net'],
      rounds: 3,
    });
    expect(machines.find(({ name }) => name === 'idle')?.vcpus).toBe(4);
    expect(shown.devices[0]?.function).toMatchObject({ linkState: 'down' });
  });

  it('sees without any event that a domain came, went, or was started again', async () => {
    const { host, view } = watch();
    await view.observe();
    host.take();
    host.domainsByName.set('new', { id: 2, xml: guestXml('new', [VFS[1]]) });
    host.domainsByName.set('du-1', { id: 3, xml: guestXml('du-1', [VFS[2]]) });
    host.domainsByName.delete('idle');
    const { holders, machines } = await view.observe();
    expect(host.take().asked).toEqual([
      'domainJob du-1',
      'domainJob du-1',
      'domainJob new',
      'domainXml du-1',
      'domainXml new',
      'domains',
      'nodeDeviceXml vf0',
      'nodeDeviceXml vf1',
      'nodeDeviceXml vf2',
    ]);
    expect([...holders]).toEqual([
      [VFS[2], 'du-1'],
      [VFS[1], 'new'],
    ]);
    expect(machines.map(({ name }) => name)).toEqual(['du-1', 'new']);
  });

  it('looks again at devices that changed hands, for they changed drivers too', async () => {
    const { host, view } = watch();
    await view.observe();
    host.take();
    host.domainsByName.set('du-1', { id: 1, xml: guestXml('du-1', [VFS[1]]) });
    host.devicesByName.set('vf1', pciXml({ bdf: VFS[1], parent: PF, group: 8, driver: 'vfio-pci' }));
    view.changed(domain('du-1'));
    const { host: shown } = await view.observe();
    expect(host.take()).toEqual({
      asked: ['domainJob du-1', 'domainXml du-1', 'domains', 'nodeDeviceXml vf0', 'nodeDeviceXml vf1'],
      rounds: 3,
    });
    expect(shown.devices.find(({ bdf }) => bdf === VFS[1])?.driver).toBe('vfio-pci');
  });

  it('asks for everything again when the time has come, or when events were missed', async () => {
    const { host, time, view } = watch();
    await view.observe();
    const everything = host.take().asked;
    host.devicesByName.delete('vf2');
    time.now += 59_999;
    expect((await view.observe()).host.devices).toHaveLength(4);
    time.now += 1;
    expect((await view.observe()).host.devices).toHaveLength(3);
    host.take();
    view.changed({ kind: 'everything' });
    await view.observe();
    expect(host.take().asked).toEqual(everything.filter((call) => call !== 'nodeDeviceXml vf2'));
  });

  it('forgets nothing that happens while it asks', async () => {
    const { host, view } = watch();
    host.onCall = (call) => {
      if (call === 'domainXml du-1') view.changed(domain('du-1'));
    };
    await view.observe();
    host.take();
    host.onCall = () => undefined;
    await view.observe();
    expect(host.take().asked).toContain('domainXml du-1');
    await view.observe();
    expect(host.take().asked).not.toContain('domainXml du-1');
  });

  it('asks again after a pass that got no answer, for what that one wanted', async () => {
    const { host, view } = watch();
    await view.observe();
    host.take();
    view.changed(domain('idle'));
    view.changed({ kind: 'device', name: 'net' });
    host.silent = true;
    await expect(view.observe()).rejects.toThrow('the host does not answer');
    host.take();
    host.silent = false;
    await view.observe();
    expect(host.take().asked).toContain('domainXml idle');
  });

  it('waits for the sizes of disks once, when a domain was too busy to tell them before', async () => {
    const { host, view } = watch();
    const xml = guestXml('du-1').replace(
      '</devices>',
      "<disk type='file'><source file='/a'/><target dev='vda'/></disk></devices>",
    );
    host.domainsByName.set('du-1', { id: 1, xml, sizesInTime: new Map([['vda', 2 ** 31]]) });
    host.domainsByName.set('mute', { id: 2, xml });
    const { machines } = await view.observe();
    expect(machines.map(({ diskGiB }) => diskGiB)).toEqual([2, 0, 0]);
    expect(host.take().asked.filter((call) => call.startsWith('diskBytes'))).toEqual([
      'diskBytes du-1',
      'diskBytes mute',
    ]);
    expect((await view.observe()).machines[0]?.diskGiB).toBe(2);
    expect(host.take()).toEqual({ asked: ['domainJob du-1', 'domainJob mute', 'domains'], rounds: 1 });
  });

  it('looks twice at a domain that is paused for a migration which is over: the two answers are of two times', async () => {
    const { host, view } = watch();
    await view.observe();
    host.take();
    host.domainsByName.set('du-1', { id: 1, xml: guestXml('du-1'), state: 'paused', reason: 'migration' });
    host.onCall = (call) => {
      if (call === 'domainJob du-1') host.domainsByName.set('du-1', { id: 1, xml: guestXml('du-1') });
    };
    const { machines, roundTrips } = await view.observe();
    expect(machines[0]?.state).toBe('running');
    expect([host.take().rounds, roundTrips]).toEqual([2, 2]);
  });

  it('shows a domain as paused that stays so without a migration', async () => {
    const { host, view } = watch();
    host.domainsByName.set('du-1', { id: 1, xml: guestXml('du-1'), state: 'paused', reason: 'migration' });
    const { machines, roundTrips } = await view.observe();
    expect(machines[0]?.state).toBe('paused');
    expect(roundTrips).toBe(4);
  });

  it('asks for no XML of what does not run and is about to receive a migration, but shows it', async () => {
    const { host, view } = watch();
    const xml = guestXml('new', [VFS[1]]);
    host.domainsByName.set('new', { id: null, xml, job: { kind: 'incoming' } });
    const { machines } = await view.observe();
    expect(host.take().asked).not.toContain('domainXml new');
    expect(machines.find(({ name }) => name === 'new')).toMatchObject({
      ...{ state: 'incoming', vcpus: 3, memoryMiB: 256, assignments: [] },
    });
  });

  it('asks for no XML while a domain starts or begins to receive a migration, for that would hold it up, but shows it', async () => {
    const { host, time, view } = watch();
    await view.observe();
    host.take();
    const job = { kind: 'incoming' } as const;
    const starting = { state: 'paused', reason: 'startingUp' } as const;
    host.domainsByName.set('new', { id: 7, xml: guestXml('new', [VFS[1]]), job, ...starting });
    host.domainsByName.set('idle', { id: 8, xml: guestXml('idle', [VFS[2]]), ...starting });
    view.changed(domain('new'));
    const { machines } = await view.observe();
    expect(host.take().asked.filter((call) => call.startsWith('domainXml'))).toEqual([]);
    expect(machines.map(({ name, state, assignments }) => [name, state, assignments.length])).toEqual([
      ['du-1', 'running', 1],
      ['idle', 'paused', 1],
      ['new', 'incoming', 0],
    ]);
    const receiving = { id: 7, xml: guestXml('new', [VFS[1]]), job, state: 'paused', reason: 'migration' } as const;
    host.domainsByName.set('new', receiving);
    time.now += 14_999;
    expect((await view.observe()).holders.get(VFS[1])).toBeUndefined();
    time.now += 1;
    expect((await view.observe()).holders.get(VFS[1])).toBe('new');
  });

  it('begins when the one before has ended', async () => {
    const { host, view } = watch();
    const [first, second] = await Promise.all([view.observe(), view.observe()]);
    expect([first.roundTrips, second.roundTrips]).toEqual([3, 1]);
    expect(host.take().rounds).toBe(4);
  });

  it('keeps the sizes of disks that a busy domain does not tell', async () => {
    const { host, view } = watch();
    const xml = guestXml('du-1').replace(
      '</devices>',
      "<disk type='file'><source file='/a'/><target dev='vda'/></disk></devices>",
    );
    host.domainsByName.set('du-1', { id: 1, xml, diskBytes: new Map([['vda', 2 ** 31]]) });
    await view.observe();
    host.domainsByName.set('du-1', { id: 1, xml });
    expect((await view.observe()).machines[0]?.diskGiB).toBe(2);
  });
});

describe('answers that nobody expects', () => {
  it('leave a domain out that has vanished since it was listed', async () => {
    const { host, view } = watch();
    host.onCall = (call) => {
      if (call === 'domains') host.domainsByName.delete('du-1');
    };
    const { machines, findings } = await view.observe();
    expect(machines.map(({ name }) => name)).toEqual(['idle']);
    expect(findings).toEqual([]);
  });

  it.each([
    { reason: 'no XML', xml: 'oops' },
    { reason: 'entities', xml: '<!DOCTYPE d [<!ENTITY x "y">]><domain><name>&x;</name></domain>' },
    { reason: 'endless depth', xml: '<domain>'.repeat(5000) },
  ])('list a domain by its name whose XML is $reason: one that is left out would count as absent', async ({ xml }) => {
    const { host, view } = watch();
    host.domainsByName.set('du-1', { id: 1, xml });
    const { machines, findings } = await view.observe();
    expect(machines[0]).toMatchObject({ name: 'du-1', state: 'running', assignments: [] });
    expect(findings).toMatchObject([{ code: 'XmlUnreadable', subject: 'du-1' }]);
  });

  it('call a domain what the host lists it as, whatever its XML says', async () => {
    const { host, view } = watch();
    host.domainsByName.set('du-1', { id: 1, xml: guestXml('other') });
    expect((await view.observe()).machines[0]?.name).toBe('du-1');
  });

  it('do not stop a pass when capabilities and devices are nonsense', async () => {
    const { host, view } = watch();
    host.capabilitiesXml = '<capabilities><host/></capabilities>';
    host.devicesByName.set('vf1', 'no XML');
    host.devicesByName.set('vf2', "<device><capability type='pci'/></device>");
    const { host: shown, findings } = await view.observe();
    expect(shown).toMatchObject({ state: 'up', numaNodes: [] });
    expect(shown.devices.map(({ bdf }) => bdf)).toEqual([PF, VFS[0]]);
    expect(findings.map(({ code }) => code)).toEqual([
      'PartMissing',
      'PartMissing',
      'XmlUnreadable',
      'AddressUnreadable',
    ]);
  });
});
