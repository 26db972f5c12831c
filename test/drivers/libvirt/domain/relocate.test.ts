import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vfio } from '../../../../src/drivers/libvirt/domain/backing.js';
import { pinnedCpus, pinnedTo } from '../../../../src/drivers/libvirt/domain/pins.js';
import { relocated } from '../../../../src/drivers/libvirt/domain/relocate.js';
import { readMetadata, vfioDevices } from '../../../../src/drivers/libvirt/inventory/index.js';
import { attr, child, find, findAll, printXml, type XmlElement } from '../../../../src/drivers/libvirt/xml/index.js';
import { fixture, xml } from '../inventory/fixture.js';
import { bdfOf, domains, guestSees, rooms, tagAfter, tags } from './domain-of.js';

const devicesOf = (domain: XmlElement) => vfioDevices(domain, '', () => undefined);
const untagged = (device: string) => ({ device, vlan: null });
const room = { node: 1, cpus: [8, 9, 10, 11], freeCpus: [9, 11] };

describe('the XML of a domain for another host', () => {
  it('differs from the one here in nothing that the guest sees', () => {
    fc.assert(
      fc.property(domains, fc.option(rooms, { nil: null }), fc.nat(3), (domain, cell, moved) => {
        const devices = new Map(
          devicesOf(domain)
            .slice(0, moved)
            .map(({ claim }, index) => [claim, untagged(bdfOf(16 + index))]),
        );
        const there = relocated(domain, { devices, cell }, vfio);
        expect(guestSees(there)).toEqual(guestSees(domain));
        expect(xml(printXml(there))).toEqual(there);
      }),
    );
  });

  it('names the devices there, by claim, and leaves every other as it is', () => {
    fc.assert(
      fc.property(domains, fc.nat(3), (domain, moved) => {
        const before = devicesOf(domain);
        const devices = new Map(before.slice(0, moved).map(({ claim }, index) => [claim, untagged(bdfOf(16 + index))]));
        const after = devicesOf(relocated(domain, { devices, cell: null }, vfio));
        expect(after.map(({ device }) => device)).toEqual(
          before.map(({ claim, device }) => devices.get(claim)?.device ?? device),
        );
        const kept = ({ claim, guestAddress, mac, vlan, standby }: (typeof before)[number]) => ({
          claim,
          guestAddress,
          mac,
          vlan,
          standby,
        });
        expect(after.map(kept)).toEqual(before.map(kept));
      }),
    );
  });

  it('tags the frames of its NICs there as it is asked to, because libvirt sets the tag anew', () => {
    fc.assert(
      fc.property(domains, tags, (domain, vlan) => {
        const before = devicesOf(domain);
        const devices = new Map(before.map(({ claim }, index) => [claim, { device: bdfOf(16 + index), vlan }]));
        const there = relocated(domain, { devices, cell: null }, vfio);
        expect(devicesOf(there).map((one) => one.vlan)).toEqual(before.map((one) => tagAfter(one, vlan)));
        expect(guestSees(there)).toEqual(guestSees(domain));
      }),
    );
  });

  it.each([
    { asked: null, has: `<vlan trunk='yes'><tag id='5'/><tag id='6' nativeMode='tagged'/></vlan>` },
    { asked: 7, has: `<vlan><tag id='7'/></vlan>` },
  ])('keeps a trunk that somebody wrote until a tag is asked for: $asked', ({ asked, has }) => {
    const domain =
      xml(`<domain><devices><interface type='hostdev' managed='yes'><source><address type='pci' domain='0x0000' bus='0x3b'
      slot='0x01' function='0x0'/></source><vlan trunk='yes'><tag id='5'/><tag id='6' nativeMode='tagged'/></vlan><alias name='ua-net'/></interface></devices></domain>`);
    const there = relocated(
      domain,
      { devices: new Map([['net', { device: bdfOf(5), vlan: asked }]]), cell: null },
      vfio,
    );
    expect(findAll(there, 'devices', 'interface', 'vlan')).toEqual([xml(has)]);
  });

  it('is the same when it is made a second time', () => {
    fc.assert(
      fc.property(domains, rooms, tags, (domain, cell, vlan) => {
        const devices = new Map(
          devicesOf(domain).map(({ claim }, index) => [claim, { device: bdfOf(16 + index), vlan }]),
        );
        const once = relocated(domain, { devices, cell }, vfio);
        expect(relocated(once, { devices, cell }, vfio)).toEqual(once);
      }),
    );
  });

  it('forgets the replacements that the machine was told of, and keeps what others wrote', () => {
    const domain = xml(fixture('domain-running.xml'));
    expect(readMetadata(domain, '', () => undefined).staged).toHaveLength(1);
    const there = relocated(domain, { devices: new Map(), cell: null }, vfio);
    expect(readMetadata(there, '', () => undefined).staged).toEqual([]);
    expect(printXml(there)).toContain('edge &amp; core');
  });

  it('turns an interface from a pool of VFs into one for the chosen VF, because a pool would choose by itself', () => {
    const domain = xml(`<domain><devices><interface type='network'><mac address='52:54:00:00:00:01'/>
      <source network='vfs'/><actual type='hostdev'><source><address type='pci' domain='0x0000' bus='0x3b' slot='0x01' function='0x0'/></source></actual>
      <vlan><tag id='7'/></vlan><alias name='ua-net'/></interface></devices></domain>`);
    const there = relocated(domain, { devices: new Map([['net', untagged(bdfOf(5))]]), cell: null }, vfio);
    const nic = find(there, 'devices', 'interface');
    expect(attr(nic, 'type')).toBe('hostdev');
    expect(printXml(there)).not.toMatch(/actual|network=/);
    expect(devicesOf(there)).toMatchObject([{ claim: 'net', device: bdfOf(5), vlan: 7, mac: '52:54:00:00:00:01' }]);
  });
});

describe('a domain pinned to a cell', () => {
  it('takes its memory and its CPUs from there, and from nowhere else', () => {
    fc.assert(
      fc.property(domains, rooms, (domain, cell) => {
        const pinned = pinnedTo(domain, cell);
        const cells = [...findAll(pinned, 'numatune', 'memory'), ...findAll(pinned, 'numatune', 'memnode')];
        expect(new Set(cells.map((one) => attr(one, 'nodeset')))).toEqual(new Set([String(cell.node)]));
        const sets = [
          ...findAll(pinned, 'vcpu'),
          ...findAll(pinned, 'cputune', 'vcpupin'),
          ...findAll(pinned, 'cputune', 'emulatorpin'),
        ].flatMap((one) => attr(one, 'cpuset') ?? []);
        const named = sets.flatMap((set) => set.split(',').map(Number));
        for (const cpu of named) expect(cell.cpus).toContain(cpu);
      }),
    );
  });

  it('gives no CPU twice to virtual CPUs that were pinned one by one, and none that another domain has', () => {
    fc.assert(
      fc.property(domains, rooms, (domain, cell) => {
        const before = pinnedCpus(domain);
        const after = pinnedCpus(pinnedTo(domain, { ...cell, cpus: [...cell.cpus, 98, 99] }));
        expect(new Set(after).size).toBe(after.length);
        for (const cpu of after) expect(cell.freeCpus).toContain(cpu);
        expect(after).toHaveLength(Math.min(before.length, cell.freeCpus.length));
      }),
    );
  });

  it('shares the cell where it has fewer free CPUs than virtual ones', () => {
    const domain = xml(`<domain><vcpu>3</vcpu><cputune><vcpupin vcpu='0' cpuset='3'/><vcpupin vcpu='1' cpuset='4'/>
      <vcpupin vcpu='2' cpuset='5'/><emulatorpin cpuset='0'/></cputune></domain>`);
    const pins = findAll(pinnedTo(domain, room), 'cputune', 'vcpupin').map((pin) => attr(pin, 'cpuset'));
    expect(pins).toEqual(['9', '11', '8,9,10,11']);
  });

  it('keeps the mode in which memory is asked for, and asks strictly where nobody said', () => {
    const asked = (numatune: string) =>
      child(find(pinnedTo(xml(`<domain>${numatune}</domain>`), room), 'numatune') ?? xml('<none/>'), 'memory');
    expect(attr(asked(`<numatune><memory mode='interleave' nodeset='0-1'/></numatune>`), 'mode')).toBe('interleave');
    expect(attr(asked(''), 'mode')).toBe('strict');
  });
});
