import { describe, expect, it } from 'vitest';
import { readDomain, vfioDevices } from '../../../../src/drivers/libvirt/inventory/index.js';
import { fixture, notebook, xml } from './fixture.js';

function read(text: string, sharedPaths: readonly string[] = []) {
  const { note, codes, all } = notebook();
  return { domain: readDomain(xml(text), { devices: vfioDevices, sharedPaths }, note), codes, all };
}

const named = (inner: string): string => `<domain><name>vm</name><memory>1024</memory><vcpu>1</vcpu>${inner}</domain>`;
const devices = (inner: string): string => named(`<devices>${inner}</devices>`);
const source = "<source><address type='pci' domain='0x0000' bus='0x01' slot='0x10' function='0x2'/></source>";

describe('reading a domain that runs', () => {
  const { domain, codes } = read(fixture('domain-running.xml'));

  it('tells its size, its cell, its disks and what Berth wrote into it', () => {
    expect(domain).toMatchObject({
      name: 'du-1',
      vcpus: 1,
      memoryMiB: 96,
      hugepageSizeKiB: 0,
      numaNode: 0,
      devices: [],
    });
    expect(domain.disks.map(({ target, shared }) => ({ target, shared }))).toEqual([
      { target: 'vda', shared: false },
      { target: 'vdb', shared: true },
    ]);
    expect(domain.metadata.staged).toEqual([{ claim: 'fronthaul', host: 'host-b', device: '0000:01:10.2' }]);
    expect([...domain.metadata.epochs]).toEqual([['0000:01:10.0', 7]]);
    expect(codes()).toEqual([]);
  });
});

describe('reading a definition', () => {
  const { domain, codes } = read(fixture('domain-defined.xml'));

  it('tells its size and its cell', () => {
    expect(domain).toMatchObject({ vcpus: 2, memoryMiB: 4096, hugepageSizeKiB: 1_048_576, numaNode: 0 });
    expect(domain.disks.every(({ shared }) => shared)).toBe(true);
  });

  it('names claims by the aliases of users, and else counts as libvirt does', () => {
    expect(domain.devices.map(({ element, ...held }) => ({ ...held, element: element.name }))).toEqual([
      {
        claim: 'core',
        device: '0000:3b:02.1',
        guestAddress: '0000:07:00.0',
        mac: '52:54:00:aa:00:11',
        alias: 'ua-core',
        vlan: 300,
        standby: 'ua-standby',
        managed: false,
        element: 'interface',
      },
      {
        claim: 'gpu',
        device: '0000:d8:00.0',
        guestAddress: '0000:05:00.0',
        mac: null,
        alias: 'ua-gpu',
        vlan: null,
        standby: null,
        managed: true,
        element: 'hostdev',
      },
      {
        claim: 'hostdev2',
        device: '0000:d9:00.0',
        guestAddress: '0000:06:00.0',
        mac: null,
        alias: '',
        vlan: null,
        standby: null,
        managed: true,
        element: 'hostdev',
      },
    ]);
    expect(codes()).toEqual(['DeviceNotMovable']);
  });
});

describe('host devices of a domain', () => {
  it.each([
    {
      reason: 'a NIC of the type hostdev',
      text: `<interface type='hostdev'>${source}</interface>`,
      found: ['0000:01:10.2'],
    },
    {
      reason: 'a NIC of a network that hands out VFs, once it has got one',
      text: `<interface type='network'>${source}</interface>`,
      found: ['0000:01:10.2'],
    },
    {
      reason: 'such a NIC, as the status of the daemon has it',
      text: `<interface type='network'><source network='pool'/><actual type='hostdev'>${source}</actual></interface>`,
      found: ['0000:01:10.2'],
    },
    { reason: 'such a NIC before', text: "<interface type='network'><source network='pool'/></interface>", found: [] },
    { reason: 'a NIC of a bridge', text: "<interface type='bridge'><source bridge='br0'/></interface>", found: [] },
    {
      reason: 'a decimal address',
      text: "<hostdev type='pci'><source><address bus='59' slot='2' function='1'/></source></hostdev>",
      found: ['0000:3b:02.1'],
    },
    {
      reason: 'a wide domain of PCI',
      text: "<hostdev type='pci'><source><address domain='0x10000' bus='0x01' slot='0x00' function='0x0'/></source></hostdev>",
      found: ['10000:01:00.0'],
    },
    {
      reason: 'an address that is none',
      text: "<hostdev type='pci'><source><address bus='0x100' slot='0' function='0'/></source></hostdev>",
      found: [],
      codes: ['AddressUnreadable'],
    },
    { reason: 'no source', text: "<hostdev type='pci'/>", found: [], codes: ['AddressUnreadable'] },
    {
      reason: 'a mediated device',
      text: "<hostdev type='mdev' model='vfio-pci'/>",
      found: [],
      codes: ['DeviceNotMovable'],
    },
  ])('are found in $reason', ({ text, found, codes = [] }) => {
    const result = read(devices(text));
    expect(result.domain.devices.map(({ device }) => device)).toEqual(found);
    expect(result.codes()).toEqual(codes);
  });

  it('have no address or MAC where the XML has none that is one', () => {
    const text = `<interface type='hostdev'><mac address='nonsense'/>${source}<address type='usb' bus='0' port='1'/></interface>`;
    expect(read(devices(text)).domain.devices).toMatchObject([{ claim: 'hostdev0', guestAddress: '', mac: null }]);
  });

  it('carry a MAC in small letters, and a VLAN when there is but one', () => {
    const nic = (vlan: string): string =>
      `<interface type='hostdev'><mac address='52:54:00:AA:BB:CC'/>${source}<vlan>${vlan}</vlan></interface>`;
    expect(read(devices(nic("<tag id='12'/>"))).domain.devices).toMatchObject([{ mac: '52:54:00:aa:bb:cc', vlan: 12 }]);
    expect(read(devices(nic("<tag id='12'/><tag id='13'/>"))).domain.devices).toMatchObject([{ vlan: null }]);
  });
});

describe('the size of a domain', () => {
  it.each([
    { reason: 'memory in GiB', text: "<memory unit='GiB'>2</memory>", is: { memoryMiB: 2048 } },
    { reason: 'memory without a unit', text: '<memory>1048577</memory>', is: { memoryMiB: 1025 } },
    { reason: 'memory in thousands', text: "<memory unit='GB'>1</memory>", is: { memoryMiB: 954 } },
    { reason: 'no memory', text: '', is: { memoryMiB: 0 }, codes: ['ValueUnreadable'] },
    { reason: 'negative memory', text: '<memory>-1</memory>', is: { memoryMiB: 0 }, codes: ['ValueUnreadable'] },
    {
      reason: 'memory past all bounds',
      text: "<memory unit='TiB'>999999999999999</memory>",
      is: { memoryMiB: 0 },
      codes: ['ValueUnreadable'],
    },
    {
      reason: 'hugepages without a size',
      text: '<memory>1024</memory><memoryBacking><hugepages/></memoryBacking>',
      is: { hugepageSizeKiB: 2048 },
    },
    {
      reason: 'hugepages of 1 GiB',
      text: "<memory>1024</memory><memoryBacking><hugepages><page size='1' unit='G'/></hugepages></memoryBacking>",
      is: { hugepageSizeKiB: 1_048_576 },
    },
    { reason: 'fewer CPUs than it may get', text: "<memory>1024</memory><vcpu current='2'>8</vcpu>", is: { vcpus: 2 } },
  ])('is read from $reason', ({ text, is, codes = [] }) => {
    const result = read(`<domain><name>vm</name>${text}${text.includes('<vcpu') ? '' : '<vcpu>1</vcpu>'}</domain>`);
    expect(result.domain).toMatchObject(is);
    expect(result.codes()).toEqual(codes);
  });

  it('is that of a small machine when nothing can be read', () => {
    const result = read('<domain/>');
    expect(result.domain).toMatchObject({ name: '', vcpus: 1, memoryMiB: 0, numaNode: null, devices: [], disks: [] });
    expect(result.codes()).toEqual(['ValueUnreadable', 'ValueUnreadable']);
  });
});

describe('the cell of a domain', () => {
  it.each([
    { reason: 'one cell', numatune: "<memory mode='strict' nodeset='1'/>", cell: 1 },
    { reason: 'one cell, bound by the mode that is the usual one', numatune: "<memory nodeset='1'/>", cell: 1 },
    { reason: 'one cell, bound at the start only', numatune: "<memory mode='restrictive' nodeset='0'/>", cell: 0 },
    { reason: 'two cells', numatune: "<memory mode='strict' nodeset='0-1'/>", cell: null },
    { reason: 'a wish', numatune: "<memory mode='preferred' nodeset='1'/>", cell: null },
    {
      reason: 'cells of its own, all in one',
      numatune: "<memnode cellid='0' mode='strict' nodeset='1'/><memnode cellid='1' mode='strict' nodeset='1'/>",
      cell: 1,
    },
    {
      reason: 'cells of its own, in different ones',
      numatune: "<memnode cellid='0' mode='strict' nodeset='0'/><memnode cellid='1' mode='strict' nodeset='1'/>",
      cell: null,
    },
    { reason: 'two less one', numatune: "<memory mode='strict' nodeset='0-1,^0'/>", cell: 1 },
    { reason: 'what the host chooses', numatune: "<memory mode='strict' placement='auto'/>", cell: null },
    { reason: 'a set without end', numatune: "<memory mode='strict' nodeset='0-999999999'/>", cell: null },
  ])('is known from $reason', ({ numatune, cell }) => {
    expect(read(named(`<numatune>${numatune}</numatune>`)).domain.numaNode).toBe(cell);
  });
});

describe('the disks of a domain', () => {
  const file = (path: string): string => `<disk type='file'><source file='${path}'/><target dev='vda'/></disk>`;

  it.each([
    { reason: 'a file', text: file('/srv/a.qcow2'), shared: [false] },
    { reason: 'a file in a folder that all hosts mount', text: file('/mnt/shared/vm/a.qcow2'), shared: [true] },
    {
      reason: 'a file in a folder whose name only begins alike',
      text: file('/mnt/shared-not/a.qcow2'),
      shared: [false],
    },
    { reason: 'a file that a way leads out to', text: file('/mnt/shared/../local/a.qcow2'), shared: [false] },
    {
      reason: 'a disk that several may write to',
      text: "<disk type='block'><source dev='/dev/sdb'/><target dev='vda'/><shareable/></disk>",
      shared: [true],
    },
    {
      reason: 'a disk in the network',
      text: "<disk type='network'><source protocol='rbd' name='p/i'/><target dev='vda'/></disk>",
      shared: [true],
    },
    {
      reason: 'a volume of a pool',
      text: "<disk type='volume'><source pool='p' volume='v'/><target dev='vda'/></disk>",
      shared: [false],
    },
    { reason: 'an empty drive', text: "<disk type='file' device='cdrom'><target dev='sda'/></disk>", shared: [] },
    {
      reason: 'a drive with a medium',
      text: "<disk type='file' device='cdrom'><source file='/srv/a.iso'/><target dev='sda'/><readonly/></disk>",
      shared: [false],
    },
  ])('are shared or local: $reason', ({ text, shared }) => {
    expect(read(devices(text), ['/mnt/shared/', 'relative']).domain.disks.map((disk) => disk.shared)).toEqual(shared);
  });
});
