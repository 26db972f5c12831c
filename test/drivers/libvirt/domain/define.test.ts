import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vfio } from '../../../../src/drivers/libvirt/domain/backing.js';
import { definedDomain, type Surroundings } from '../../../../src/drivers/libvirt/domain/define.js';
import { dummyDomain } from '../../../../src/drivers/libvirt/domain/dummy.js';
import { readDomain, vfioDevices } from '../../../../src/drivers/libvirt/inventory/index.js';
import type { MachineDefinition } from '../../../../src/model/index.js';
import { attr, find, findAll, printXml, text, type XmlElement } from '../../../../src/drivers/libvirt/xml/index.js';
import { xml } from '../inventory/fixture.js';
import { bdfOf, card, domains, tagAfter, tags, vf } from './domain-of.js';

const machine: MachineDefinition = {
  name: 'du-1',
  vcpus: 4,
  memoryMiB: 2048,
  hugepageSizeKiB: 0,
  numaNode: null,
  isolatedCpus: false,
  diskGiB: 10,
  sharedDisks: true,
  devices: [{ claim: 'net', device: bdfOf(3), guestAddress: '0000:05:00.0', mac: '52:54:00:00:00:07', vlan: 100 }],
};
const around: Surroundings = {
  type: 'kvm',
  image: '/var/lib/images/du-1.qcow2',
  functions: new Map([3, 4, 5].map((number) => [bdfOf(number), vf(number)])),
  cell: null,
};
const devicesOf = (domain: XmlElement) => vfioDevices(domain, '', () => undefined);
const reading = { devices: vfioDevices, sharedPaths: [] };

describe('the definition of a machine that nobody has defined yet', () => {
  const fresh = definedDomain(null, machine, around, vfio);

  it('reads back as what was asked for', () => {
    const domain = readDomain(xml(printXml(fresh)), reading, () => undefined);
    expect(domain).toMatchObject({ name: 'du-1', vcpus: 4, memoryMiB: 2048, hugepageSizeKiB: 0, numaNode: null });
    expect(domain.devices).toMatchObject([{ ...machine.devices[0], managed: true }]);
    expect(domain.disks).toMatchObject([{ path: '/var/lib/images/du-1.qcow2', device: 'disk' }]);
  });

  it('writes no VLAN where none is asked for, and none for a device that is no NIC, which has no tag', () => {
    const untagged = machine.devices.map((one) => ({ ...one, vlan: null }));
    const bare = machine.devices.map((one) => ({ ...one, device: bdfOf(4), mac: null }));
    const functions = new Map([
      [bdfOf(3), vf(3)],
      [bdfOf(4), card(4)],
    ]);
    for (const devices of [untagged, bare]) {
      const domain = definedDomain(null, { ...machine, devices }, { ...around, functions }, vfio);
      expect(devicesOf(domain)).toHaveLength(1);
      expect(printXml(domain)).not.toContain('vlan');
    }
  });

  it('has free ports for devices that are plugged later, and one for each place that a claim names', () => {
    const ports = findAll(fresh, 'devices', 'controller').filter((one) => attr(one, 'model') === 'pcie-root-port');
    expect(ports.length).toBeGreaterThanOrEqual(8);
    const far = definedDomain(
      null,
      { ...machine, devices: machine.devices.map((one) => ({ ...one, guestAddress: '0000:0c:00.0' })) },
      around,
      vfio,
    );
    expect(findAll(far, 'devices', 'controller').map((one) => attr(one, 'index'))).toContain('12');
  });

  it('has no disk where no image is named, and the pages and the cell that are asked for', () => {
    const pinned = definedDomain(
      null,
      { ...machine, hugepageSizeKiB: 1_048_576 },
      { ...around, image: null, cell: { node: 1, cpus: [4, 5], freeCpus: [] } },
      vfio,
    );
    expect(readDomain(pinned, reading, () => undefined)).toMatchObject({
      disks: [],
      hugepageSizeKiB: 1_048_576,
      numaNode: 1,
    });
  });
});

describe('the definition of a machine that was defined before', () => {
  it('has the new size and devices, and everything else as it was', () => {
    fc.assert(
      fc.property(
        domains,
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 64, max: 9999 }),
        (earlier, vcpus, mib) => {
          const devices = devicesOf(earlier).map((one, index) => ({ ...one, device: bdfOf(3 + index) }));
          const now = definedDomain(earlier, { ...machine, vcpus, memoryMiB: mib, devices }, around, vfio);
          const read = readDomain(now, reading, () => undefined);
          expect(read).toMatchObject({ vcpus, memoryMiB: mib });
          const kept = ({ claim, guestAddress, mac, vlan, standby }: (typeof devices)[number]) => ({
            claim,
            guestAddress,
            mac,
            vlan,
            standby,
          });
          expect(read.devices.map(kept)).toEqual(devicesOf(earlier).map(kept));
          expect(read.devices.map(({ device }) => device)).toEqual(devices.map(({ device }) => device));
          const rest = (domain: XmlElement) =>
            domain.children.flatMap((one) =>
              one.kind === 'element' && !['memory', 'vcpu', 'devices'].includes(one.name) ? [one] : [],
            );
          expect(rest(now)).toEqual(rest(earlier));
          expect(find(now, 'devices', 'disk')).toEqual(find(earlier, 'devices', 'disk'));
        },
      ),
    );
  });

  it('has the VLAN that is asked for now, and keeps what it says itself where none is asked for', () => {
    fc.assert(
      fc.property(domains, tags, (earlier, vlan) => {
        const before = devicesOf(earlier);
        const devices = before.map((one, index) => ({ ...one, device: bdfOf(3 + index), vlan }));
        const after = devicesOf(definedDomain(earlier, { ...machine, devices }, around, vfio));
        expect(after.map((one) => one.vlan)).toEqual(before.map((one) => tagAfter(one, vlan)));
      }),
    );
  });

  it('drops devices of claims that there are no more', () => {
    fc.assert(
      fc.property(domains, (earlier) => {
        expect(devicesOf(definedDomain(earlier, { ...machine, devices: [] }, around, vfio))).toEqual([]);
      }),
    );
  });
});

describe('a dummy', () => {
  const mark = {
    reservation: `h2/${bdfOf(3)}`,
    machine: 'du-1',
    expiresAt: 1_800_000_000_000,
    mac: '02:be:47:00:00:01',
  };
  const dummy = dummyDomain(
    {
      name: 'berth-dummy-du-1-net',
      type: 'kvm',
      devices: [
        { claim: 'held-0', device: vf(3) },
        { claim: 'held-1', device: card(4) },
      ],
      mac: '02:be:47:00:00:01',
      mark,
    },
    vfio,
  );

  it('holds its devices unmanaged, with the temporary address and never the address of the machine', () => {
    expect(devicesOf(dummy)).toMatchObject([
      { device: bdfOf(3), mac: '02:be:47:00:00:01', managed: false },
      { device: bdfOf(4), mac: null, managed: false },
    ]);
  });

  it('is found again by what it says of itself', () => {
    const { metadata } = readDomain(xml(printXml(dummy)), reading, () => undefined);
    expect(metadata.dummy).toEqual(mark);
  });

  it('is as small as can be: one CPU, little memory, no disk, and it ends for good whenever it ends', () => {
    expect(text(find(dummy, 'vcpu'))).toBe('1');
    expect(Number(text(find(dummy, 'memory')))).toBeLessThanOrEqual(64);
    expect(findAll(dummy, 'devices', 'disk')).toEqual([]);
    for (const when of ['on_poweroff', 'on_reboot', 'on_crash']) expect(text(find(dummy, when))).toBe('destroy');
  });
});
