import { describe, expect, it } from 'vitest';
import type { NodeDevice } from '../../../../src/drivers/libvirt/inventory/index.js';
import { readNodeDevice } from '../../../../src/drivers/libvirt/inventory/node-device.js';
import { pciDevices } from '../../../../src/drivers/libvirt/inventory/pci-devices.js';
import type { DeviceFacts } from '../../../../src/drivers/libvirt/inventory/pci-devices.js';
import { IDLE_VF } from '../../../../src/model/index.js';
import { netXml, notebook, pciXml, xml } from './fixture.js';

const PF = '0000:01:00.0';
const VFS = ['0000:01:10.0', '0000:01:10.2', '0000:01:10.4'];
const facts: DeviceFacts = { vfAttributes: new Map(), liveMigratable: () => false, onlyCell: null };

function devicesOf(texts: readonly string[], over: Partial<DeviceFacts> = {}) {
  const { note, codes } = notebook();
  const read = texts.map((text) => readNodeDevice(xml(text), note)).filter((one): one is NodeDevice => one !== null);
  return { devices: pciDevices(read, { ...facts, ...over }, note), codes };
}

const port = pciXml({ bdf: PF, driver: 'igb', vfs: VFS, maxVfs: 7, group: 6 });
const vf = (index: number, over = {}) =>
  pciXml({ bdf: VFS[index] ?? '', parent: PF, product: '10ca', group: 7 + index, ...over });

describe('the PCIe functions of a host', () => {
  it('are its ports with their speed, and their VFs by index', () => {
    const { devices, codes } = devicesOf([vf(2), vf(0), vf(1, { driver: 'igbvf' }), port, netXml(PF, 'ens1')]);
    expect(devices.map(({ bdf, function: is, driver, iommuGroup }) => ({ bdf, driver, iommuGroup, ...is }))).toEqual([
      {
        bdf: PF,
        driver: 'igb',
        iommuGroup: 6,
        kind: 'pf',
        netdev: 'ens1',
        speedMbps: 1000,
        totalVfs: 7,
        mode: 'legacy',
        linkState: 'up',
      },
      { bdf: VFS[0], driver: 'vfio-pci', iommuGroup: 7, kind: 'vf', parent: PF, index: 0, attributes: IDLE_VF },
      { bdf: VFS[1], driver: 'igbvf', iommuGroup: 8, kind: 'vf', parent: PF, index: 1, attributes: IDLE_VF },
      { bdf: VFS[2], driver: 'vfio-pci', iommuGroup: 9, kind: 'vf', parent: PF, index: 2, attributes: IDLE_VF },
    ]);
    expect(devices[1]).toMatchObject({
      vendor: '8086',
      device: '10ca',
      category: 'network',
      numaNode: 0,
      liveMigratable: false,
    });
    expect(codes()).toEqual([]);
  });

  it('tell the attributes of VFs where somebody read them, and what can cross where somebody knows it', () => {
    const attributes = { ...IDLE_VF, adminMac: '52:54:00:00:00:01', vlan: 300, trust: true };
    const { devices } = devicesOf([port, vf(0)], {
      vfAttributes: new Map([[VFS[0] ?? '', attributes]]),
      liveMigratable: (device) => device.device === '10ca',
    });
    expect(devices[1]).toMatchObject({ liveMigratable: true, function: { attributes } });
  });

  it.each([
    { reason: 'a link that is down', net: { state: 'down', speed: '' }, is: { linkState: 'down', speedMbps: 0 } },
    { reason: 'a link that nobody knows of', net: { state: 'unknown' }, is: { linkState: 'down' } },
    { reason: 'a speed that the driver does not know', net: { speed: '4294967295' }, is: { speedMbps: 0 } },
    { reason: 'a NIC whose VFs a switch of its own connects', net: { switchdev: true }, is: { mode: 'switchdev' } },
  ])('show $reason', ({ net, is }) => {
    expect(devicesOf([port, netXml(PF, 'ens1', net)]).devices[0]?.function).toMatchObject(is);
  });

  it.each([
    { reason: 'a NIC that serves the host', input: { driver: 'e1000e' }, net: true, is: 'pf' },
    { reason: 'a NIC that the host has let go', input: { driver: 'vfio-pci' }, net: false, is: 'whole' },
    {
      reason: 'a port that could have VFs but has none and no network device',
      input: { driver: 'vfio-pci', vfs: [], maxVfs: 7 },
      net: false,
      is: 'whole',
    },
    { reason: 'a GPU', input: { class: '030200', vendor: '10de' }, net: false, is: 'whole', category: 'gpu' },
    { reason: 'a disk', input: { class: '010802' }, net: false, is: 'whole', category: 'nvme' },
    { reason: 'an accelerator', input: { class: '120000' }, net: false, is: 'whole', category: 'accelerator' },
    { reason: 'a device of an odd class', input: { class: 'ffff00' }, net: false, is: 'whole', category: 'other' },
  ])('take $reason for what it is', ({ input, net, is, category = 'network' }) => {
    const { devices } = devicesOf([pciXml({ bdf: PF, ...input }), ...(net ? [netXml(PF, 'eno1')] : [])]);
    expect(devices).toMatchObject([{ category, function: { kind: is } }]);
  });

  it('are no bridges', () => {
    const { devices } = devicesOf([
      pciXml({ bdf: '0000:00:00.0', class: '060000' }),
      pciXml({ bdf: '0000:00:1c.0', class: '060400', bridge: true }),
    ]);
    expect(devices).toEqual([]);
  });

  it('leave out, with a finding, what is in no IOMMU group, but for ports', () => {
    const { devices, codes } = devicesOf([
      pciXml({ bdf: PF, driver: 'igb', vfs: VFS, group: null }),
      vf(0, { group: null }),
    ]);
    expect(devices.map(({ bdf }) => bdf)).toEqual([PF]);
    expect(codes()).toEqual(['NoIommuGroup']);
  });

  it('lie in the only cell of a host when they name none, else in none', () => {
    const texts = [vf(0, { numa: null })];
    expect(devicesOf(texts, { onlyCell: 0 }).devices[0]?.numaNode).toBe(0);
    expect(devicesOf(texts).devices[0]?.numaNode).toBe(-1);
  });

  it('keep VFs whose port is not listed', () => {
    expect(devicesOf([vf(1)]).devices[0]?.function).toMatchObject({ kind: 'vf', parent: PF, index: 0 });
  });
});

describe('a node device', () => {
  it.each([
    { reason: 'no capability', text: '<device><name>x</name></device>', codes: [] },
    {
      reason: 'a kind that Berth does not use',
      text: "<device><name>x</name><capability type='usb_device'/></device>",
      codes: [],
    },
    {
      reason: 'no address',
      text: "<device><name>x</name><capability type='pci'><bus>1</bus></capability></device>",
      codes: ['AddressUnreadable'],
    },
    {
      reason: 'an address out of range',
      text: "<device><name>x</name><capability type='pci'><domain>0</domain><bus>256</bus><slot>0</slot><function>0</function></capability></device>",
      codes: ['AddressUnreadable'],
    },
    {
      reason: 'words for numbers',
      text: "<device><name>x</name><capability type='pci'><domain>zero</domain><bus>1</bus><slot>0</slot><function>0</function></capability></device>",
      codes: ['AddressUnreadable'],
    },
  ])('with $reason is left out', ({ text, codes }) => {
    const noted = notebook();
    expect(readNodeDevice(xml(text), noted.note)).toBeNull();
    expect(noted.codes()).toEqual(codes);
  });

  it('with an address and nothing else has what a device is without it', () => {
    const text =
      "<device><name>x</name><driver/><capability type='pci'><domain>0</domain><bus>1</bus><slot>0</slot><function>0</function><vendor id='0x123456'/><capability type='virt_functions' maxCount='-3'><address bus='?'/></capability></capability></device>";
    expect(readNodeDevice(xml(text), notebook().note)).toEqual({
      kind: 'pci',
      name: 'x',
      bdf: PF,
      class: '000000',
      vendor: '0000',
      device: '0000',
      driver: null,
      parent: null,
      functions: [],
      totalVfs: 0,
      iommuGroup: null,
      numaNode: null,
      bridge: false,
    });
  });
});
