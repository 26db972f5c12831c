import { describe, expect, it } from 'vitest';
import type { DomainFigures, DomainJob } from '../../../../src/drivers/libvirt/inventory/index.js';
import { readDomain, vfioDevices } from '../../../../src/drivers/libvirt/inventory/index.js';
import { holdersOf } from '../../../../src/drivers/libvirt/inventory/holders.js';
import { machineOf } from '../../../../src/drivers/libvirt/inventory/machine.js';
import { notebook, xml } from './fixture.js';

const VF = '0000:01:10.2';
const NONE: DomainJob = { kind: 'none' };
const out: DomainJob = { kind: 'outgoing', doneBytes: 10, totalBytes: 40, elapsedMs: 300, dirtyMibps: 12 };
const around = {
  host: 'host-a',
  at: 1_000_000,
  destinationOf: () => 'host-b',
  isVf: (device: string) => device === VF,
};

const hostdev = (alias: string, mac = '52:54:00:00:00:01'): string =>
  `<interface type='hostdev'><mac address='${mac}'/><source><address type='pci' domain='0x0000' bus='0x01' slot='0x10' function='0x2'/></source><alias name='${alias}'/><address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/></interface>`;

function observed(
  over: { state?: string; reason?: string; id?: number | null; job?: DomainJob; inner?: string; devices?: string } = {},
) {
  const { state = 'running', reason = 'booted', id = 1, job = NONE, inner = '', devices = hostdev('ua-net') } = over;
  const { note, codes } = notebook();
  const text = `<domain><name>du-1</name><memory unit='GiB'>1</memory><vcpu>2</vcpu>${inner}<devices>${devices}
    <disk type='file' device='disk'><source file='/srv/a'/><target dev='vda'/></disk>
    <disk type='file' device='cdrom'><source file='/srv/b'/><target dev='sda'/></disk></devices></domain>`;
  const figures: DomainFigures = {
    domain: { name: 'du-1', uuid: 'u', id },
    state: { kind: state as DomainFigures['state']['kind'], reason },
    diskBytes: new Map([
      ['vda', 3 * 2 ** 30 - 5],
      ['sda', 2 ** 30],
    ]),
    vcpus: null,
    memoryMiB: null,
    dirtyMibps: 5,
  };
  const domain = readDomain(xml(text), { devices: vfioDevices, sharedPaths: [] }, note);
  return { ...machineOf({ domain, figures, job }, around, note), codes };
}

function machine(over: Parameters<typeof observed>[0] = {}) {
  const found = observed(over);
  if (found.kind !== 'machine') throw new Error('it is a dummy');
  return found.machine;
}

describe('a machine', () => {
  it('has what its domain has, and what the host measures', () => {
    expect(machine()).toEqual({
      name: 'du-1',
      host: 'host-a',
      state: 'running',
      vcpus: 2,
      memoryMiB: 1024,
      hugepageSizeKiB: 0,
      numaNode: null,
      assignments: [{ claim: 'net', device: VF, guestAddress: '0000:05:00.0', mac: '52:54:00:00:00:01' }],
      staged: [],
      standby: false,
      dirtyMibps: 5,
      diskGiB: 3,
      sharedDisks: false,
      job: null,
    });
  });

  it.each([
    { state: 'running', reason: 'booted', job: NONE, is: 'running', because: 'it runs' },
    { state: 'blocked', reason: 'other', job: NONE, is: 'running', because: 'it waits for something, but runs' },
    { state: 'shutdown', reason: 'other', job: NONE, is: 'stopped', because: 'only its process has not ended yet' },
    {
      state: 'running',
      reason: 'migrated',
      job: { kind: 'incoming' },
      is: 'incoming',
      because: 'the source still has it',
    },
    { state: 'paused', reason: 'user', job: NONE, is: 'paused', because: 'somebody paused it' },
    { state: 'paused', reason: 'ioError', job: NONE, is: 'paused', because: 'its disk is full' },
    { state: 'paused', reason: 'migration', job: out, is: 'paused', because: 'it is about to leave' },
    { state: 'paused', reason: 'migration', job: { kind: 'incoming' }, is: 'incoming', because: 'it is about to come' },
    {
      state: 'paused',
      reason: 'startingUp',
      job: { kind: 'incoming' },
      is: 'incoming',
      because: 'it has only begun to come',
    },
    { state: 'paused', reason: 'startingUp', job: NONE, is: 'paused', because: 'it starts' },
    { state: 'pmSuspended', reason: 'other', job: NONE, is: 'paused', because: 'its guest sleeps' },
    { state: 'crashed', reason: 'other', job: NONE, is: 'paused', because: 'its process was kept' },
    { state: 'other', reason: 'other', job: NONE, is: 'paused', because: 'nobody knows, but its process is there' },
  ] as const)('is $is when $because', ({ state, reason, job, is }) => {
    const found = machine({ state, reason, job });
    expect(found.state).toBe(is);
    expect(found.assignments).toHaveLength(1);
  });

  it.each(['shutOff', 'crashed', 'noState'])(
    'has no devices when it is %s without a process: a definition is no claim',
    (state) => {
      const inner = `<metadata><berth:machine xmlns:berth='urn:berth:machine:1'><berth:staged claim='net' host='h' device='d'/></berth:machine></metadata>`;
      expect(machine({ state, id: null, inner })).toMatchObject({ state: 'stopped', assignments: [], staged: [] });
    },
  );

  const nic = (alias: string, teaming: string): string =>
    `<interface type='bridge'><source bridge='br0'/><teaming type='${teaming}'/><alias name='${alias}'/></interface>`;
  const teamed = hostdev('ua-net').replace('<alias', "<teaming type='transient' persistent='ua-backup'/><alias");
  const gpu = "<hostdev type='pci'><source><address bus='0x41' slot='0x00' function='0x0'/></source></hostdev>";

  it.each([
    { reason: 'a VF that names its stand-in', devices: teamed + nic('ua-backup', 'persistent'), standby: true },
    { reason: 'a VF whose stand-in is not there', devices: teamed + nic('ua-other', 'persistent'), standby: false },
    {
      reason: 'a VF whose stand-in does not know of it',
      devices: teamed + nic('ua-backup', 'transient'),
      standby: false,
    },
    { reason: 'one VF of two', devices: teamed + hostdev('ua-b') + nic('ua-backup', 'persistent'), standby: false },
    { reason: 'no VF', devices: gpu, standby: true },
  ])('has a standby or not: $reason', ({ devices, standby }) => {
    expect(machine({ devices }).standby).toBe(standby);
  });

  it('tells of the migration that runs, and of the rate at which that sees it dirty memory', () => {
    expect(machine({ job: out })).toMatchObject({
      job: { to: 'host-b', doneBytes: 10, totalBytes: 40, startedAt: 999_700 },
      dirtyMibps: 12,
    });
    expect(machine({ job: { kind: 'other' } })).toMatchObject({ job: null, dirtyMibps: 5 });
  });
});

describe('a dummy', () => {
  const mark = (attributes: string): string =>
    `<metadata><berth:machine xmlns:berth='urn:berth:machine:1'><berth:dummy ${attributes}/></berth:machine></metadata>`;
  const whole = "reservation='host-a/0000:01:10.2' machine='du-9' expiresAt='2026-11-23T10:00:00.000Z'";

  it('is what says so in its metadata', () => {
    const found = observed({ state: 'paused', inner: mark(whole), devices: hostdev('hostdev0', '02:be:47:00:00:01') });
    expect(found).toMatchObject({
      kind: 'dummy',
      dummy: {
        name: 'du-1',
        host: 'host-a',
        devices: [VF],
        mac: '02:be:47:00:00:01',
        reservation: 'host-a/0000:01:10.2',
        expiresAt: Date.UTC(2026, 10, 23, 10),
      },
    });
  });

  it('has the address that its metadata names before that of its card', () => {
    const found = observed({ state: 'paused', inner: mark(`${whole} mac='02:BE:47:00:00:07'`) });
    expect(found).toMatchObject({ dummy: { mac: '02:be:47:00:00:07' } });
  });

  it('that has none is noted', () => {
    const found = observed({ state: 'paused', inner: mark(whole), devices: '' });
    expect(found).toMatchObject({ dummy: { mac: '', devices: [] } });
    expect(found.codes()).toEqual(['PartMissing']);
  });

  it('is a machine like any other when its mark cannot be read, and holds its device all the same', () => {
    const found = observed({ state: 'paused', inner: mark("reservation='x'") });
    expect(found).toMatchObject({ kind: 'machine', machine: { assignments: [{ device: VF }] } });
    expect(found.codes()).toEqual(['DummyNotOurs']);
  });
});

describe('who holds a device', () => {
  it('is whatever domain has it, and a device that two are said to have is noted', () => {
    const { note, codes } = notebook();
    const first = machine();
    const dummy = {
      name: 'dummy',
      host: 'host-a',
      devices: [VF, '0000:01:10.4'],
      mac: '',
      reservation: '',
      expiresAt: 0,
    };
    expect([...holdersOf([first, machine({ state: 'shutOff', id: null })], [dummy], note)]).toEqual([
      [VF, 'du-1'],
      ['0000:01:10.4', 'dummy'],
    ]);
    expect(codes()).toEqual(['DeviceHeldTwice']);
  });
});
