import fc from 'fast-check';
import type { PciDevice } from '../../../../src/model/index.js';
import { IDLE_VF } from '../../../../src/model/index.js';
import type { HeldDevice } from '../../../../src/drivers/libvirt/inventory/index.js';
import { element, type XmlElement } from '../../../../src/drivers/libvirt/xml/index.js';

/** A VF with an address of its own, by its number. */
export function vf(number: number): PciDevice {
  return {
    bdf: bdfOf(number),
    vendor: '8086',
    device: '10ca',
    category: 'network',
    driver: 'igbvf',
    iommuGroup: 20 + number,
    numaNode: 0,
    liveMigratable: true,
    function: { kind: 'vf', parent: '0000:3b:00.0', index: number, attributes: IDLE_VF },
  };
}

/** An accelerator or the like: no NIC. */
export function card(number: number): PciDevice {
  return { ...vf(number), category: 'other', function: { kind: 'whole' } };
}

export function bdfOf(number: number): string {
  return `0000:3b:${(1 + (number >> 3)).toString(16).padStart(2, '0')}.${number & 7}`;
}

function pci(bdf: string): XmlElement {
  const [domain = '', bus = '', rest = ''] = bdf.split(':');
  const [slot = '', fn = ''] = rest.split('.');
  return element('address', {
    type: 'pci',
    domain: `0x${domain}`,
    bus: `0x${bus}`,
    slot: `0x${slot}`,
    function: `0x${fn}`,
  });
}

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** A tag that is asked for, or none. */
export const tags: fc.Arbitrary<number | null> = fc.option(fc.integer({ min: 1, max: 4094 }), { nil: null });

/** A device of a domain in one of the forms that libvirt has for it; what nobody asked for is kept by whoever changes it. */
const held = (index: number): fc.Arbitrary<XmlElement> =>
  fc
    .record({
      form: fc.constantFrom('interface', 'hostdev', 'pool'),
      vlan: tags,
      team: fc.boolean(),
      managed: fc.constantFrom('yes', 'no'),
      odd: fc.boolean(),
    })
    .map(({ form, vlan, team, managed, odd }) => {
      const source = element('source', {}, [pci(bdfOf(index))]);
      const rest = [
        ...(vlan === null ? [] : [element('vlan', {}, [element('tag', { id: vlan })])]),
        ...(team ? [element('teaming', { type: 'transient', persistent: 'ua-standby' })] : []),
        ...(odd ? [element('mtu', { size: 9000 })] : []),
        element('alias', { name: `ua-claim-${index}` }),
        pci(`0000:0${5 + index}:00.0`),
      ];
      const mac = element('mac', { address: `52:54:00:00:00:${hex(index)}` });
      if (form === 'interface') return element('interface', { type: 'hostdev', managed }, [mac, source, ...rest]);
      if (form === 'hostdev')
        return element('hostdev', { mode: 'subsystem', type: 'pci', managed }, [source, ...rest.slice(-2)]);
      const actual = element('actual', { type: 'hostdev' }, [source]);
      return element('interface', { type: 'network' }, [mac, element('source', { network: 'vfs' }), actual, ...rest]);
    });

/** The tag that a device has when one is asked for: only a NIC has one, and its own stays where none is asked for. */
export function tagAfter({ element: { name }, vlan }: HeldDevice, asked: number | null): number | null {
  return name === 'interface' ? (asked ?? vlan) : null;
}

/** Domains as people and libvirt write them: pinned or not, with 0 to 3 host devices among other things. */
export const domains: fc.Arbitrary<XmlElement> = fc
  .record({
    vcpus: fc.integer({ min: 1, max: 6 }),
    memoryMiB: fc.integer({ min: 64, max: 4096 }),
    pins: fc.array(fc.constantFrom('3', '17', '0-7', '2,4'), { maxLength: 6 }),
    cpuset: fc.option(fc.constantFrom('0-15', '1,3'), { nil: null }),
    cells: fc.boolean(),
    emulatorpin: fc.boolean(),
    foreign: fc.boolean(),
    staged: fc.boolean(),
    devices: fc
      .integer({ min: 0, max: 3 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => held(i)))),
  })
  .map(({ vcpus, memoryMiB, pins, cpuset, cells, emulatorpin, foreign, staged, devices }) =>
    element('domain', { type: 'kvm' }, [
      element('name', {}, ['du-1']),
      element('uuid', {}, ['4c616200-0000-4000-8000-0000000000d1']),
      element('metadata', {}, [
        ...(foreign ? [element('app:owner', { 'xmlns:app': 'urn:example:app' }, ['edge & core'])] : []),
        ...(staged
          ? [
              element('berth:machine', { 'xmlns:berth': 'urn:berth:machine:1' }, [
                element('berth:staged', { claim: 'claim-0', host: 'h2', device: bdfOf(9) }),
              ]),
            ]
          : []),
      ]),
      element('memory', { unit: 'KiB' }, [String(memoryMiB * 1024)]),
      element('vcpu', { placement: 'static', cpuset }, [String(vcpus)]),
      ...(pins.length > 0 || emulatorpin
        ? [
            element('cputune', {}, [
              ...pins.map((pin, vcpu) => element('vcpupin', { vcpu, cpuset: pin })),
              ...(emulatorpin ? [element('emulatorpin', { cpuset: '0-1' })] : []),
            ]),
          ]
        : []),
      ...(cells
        ? [
            element('numatune', {}, [
              element('memory', { mode: 'preferred', nodeset: '0' }),
              element('memnode', { cellid: 0, mode: 'strict', nodeset: '0' }),
            ]),
          ]
        : []),
      element('os', {}, [element('type', { arch: 'x86_64', machine: 'pc-q35-10.0' }, ['hvm'])]),
      element('cpu', { mode: 'custom' }, [element('model', {}, ['qemu64'])]),
      element('devices', {}, [
        element('emulator', {}, ['/usr/bin/qemu-system-x86_64']),
        element('disk', { type: 'file', device: 'disk' }, [
          element('source', { file: '/var/lib/du.qcow2' }),
          element('target', { dev: 'vda', bus: 'virtio' }),
        ]),
        ...devices,
        element('memballoon', { model: 'none' }),
      ]),
    ]),
  );

/** Cells of a host, with any of their CPUs free. */
export const rooms = fc
  .record({
    node: fc.integer({ min: 0, max: 3 }),
    first: fc.integer({ min: 0, max: 40 }),
    count: fc.integer({ min: 1, max: 8 }),
  })
  .chain(({ node, first, count }) => {
    const cpus = Array.from({ length: count }, (_, index) => first + index);
    return fc.subarray(cpus).map((freeCpus) => ({ node, cpus, freeCpus }));
  });

/**
 * What the guest sees of a domain: everything but what only the host knows. Sources, VLANs of ports, cells, pins and metadata may differ
 * between hosts, as may the way in which libvirt got a device.
 */
export function guestSees(domain: XmlElement): unknown {
  return seen(domain);
}

const ONLY_HOST = ['source', 'actual', 'numatune', 'cputune', 'metadata', 'driver', 'vlan'];

function seen(node: XmlElement): unknown {
  const attributes = [...node.attributes].filter(
    ([name]) =>
      !(node.name === 'vcpu' && name === 'cpuset') && !(isDevice(node) && ['type', 'managed', 'mode'].includes(name)),
  );
  return {
    name: node.name,
    attributes,
    children: node.children.flatMap((one) =>
      one.kind !== 'element' ? [one.text] : ONLY_HOST.includes(one.name) ? [] : [seen(one)],
    ),
  };
}

function isDevice({ name }: XmlElement): boolean {
  return name === 'interface' || name === 'hostdev';
}
