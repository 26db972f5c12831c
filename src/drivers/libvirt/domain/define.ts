import type { MachineDefinition, PciDevice } from '../../../model/index.js';
import type { HeldDevice } from '../inventory/index.js';
import { append, edit, element, isElement, put, without, withChildren, type XmlElement } from '../xml/index.js';
import { placeOf, type DeviceBacking } from './backing.js';
import { pinnedTo, type CellRoom } from './pins.js';

/** What a definition needs of the host that it is for. */
export interface Surroundings {
  /** `kvm`, or `qemu` where that is all there is. */
  readonly type: string;
  /** Path of the disk image of a machine that nobody has defined yet; null: such a machine has no disk. */
  readonly image: string | null;
  readonly functions: ReadonlyMap<string, PciDevice>;
  readonly cell: CellRoom | null;
}

/**
 * The domain of a machine: an earlier definition of it with size, cell and devices as they are wanted now, or a plain one when there is
 * no earlier one. What an earlier definition says of a claim's device (teaming, a VLAN where none is asked for) is kept.
 */
export function definedDomain(
  earlier: XmlElement | null,
  definition: MachineDefinition,
  around: Surroundings,
  backing: DeviceBacking,
): XmlElement {
  const base = earlier ?? plain(definition, around);
  const known = backing.held(base, '', () => undefined);
  const sized = withSize(emptied(base, known), definition);
  const devices = definition.devices.flatMap((one) => {
    const device = around.functions.get(one.device);
    if (device === undefined) return [];
    const before = known.find((held) => held.claim === one.claim);
    return before === undefined
      ? backing.element({ ...one, device, managed: true })
      : placed(backing.redirect(before, one), one.guestAddress);
  });
  const furnished = edit(sized, ['devices'], (all) => append(all, ...devices));
  return around.cell === null ? furnished : pinnedTo(furnished, around.cell);
}

/** A device's element with its place in the guest. */
export function placed(device: XmlElement, guestAddress: string): XmlElement {
  const [address] = placeOf(guestAddress);
  return address === undefined ? device : put(device, address);
}

function emptied(domain: XmlElement, held: readonly HeldDevice[]): XmlElement {
  const elements = new Set(held.map((one) => one.element));
  return edit(domain, ['devices'], (all) =>
    withChildren(
      all,
      all.children.filter((one) => !isElement(one) || !elements.has(one)),
    ),
  );
}

function withSize(domain: XmlElement, { name, memoryMiB, vcpus, hugepageSizeKiB }: MachineDefinition): XmlElement {
  const sized = [
    element('name', {}, [name]),
    element('memory', { unit: 'MiB' }, [String(memoryMiB)]),
    element('vcpu', {}, [String(vcpus)]),
  ].reduce((whole, part) => put(whole, part), without(domain, 'currentMemory'));
  if (hugepageSizeKiB === 0) return sized;
  const page = element('page', { size: hugepageSizeKiB, unit: 'KiB' });
  return put(sized, element('memoryBacking', {}, [element('hugepages', {}, [page])]));
}

/** Ports that stay free for devices that come later. */
const SPARE_PORTS = 8;

function plain({ name, diskGiB, devices }: MachineDefinition, { type, image }: Surroundings): XmlElement {
  const buses = devices.map(({ guestAddress }) => Number.parseInt(guestAddress.split(':')[1] ?? '0', 16) || 0);
  const ports = Array.from({ length: Math.max(SPARE_PORTS, ...buses) }, (_, index) =>
    element('controller', { type: 'pci', index: index + 1, model: 'pcie-root-port' }),
  );
  const disk = element('disk', { type: 'file', device: 'disk' }, [
    element('driver', { name: 'qemu', type: image?.endsWith('.raw') === true ? 'raw' : 'qcow2', cache: 'none' }),
    element('source', { file: image }),
    element('target', { dev: 'vda', bus: 'virtio' }),
  ]);
  return element('domain', { type }, [
    element('name', {}, [name]),
    element('memory'),
    element('vcpu'),
    element('os', {}, [element('type', { machine: 'q35' }, ['hvm'])]),
    element('features', {}, [element('acpi'), element('apic')]),
    ...(type === 'kvm' ? [element('cpu', { mode: 'host-model' })] : []),
    element('devices', {}, [
      element('controller', { type: 'pci', index: 0, model: 'pcie-root' }),
      ...ports,
      ...(image === null || diskGiB === 0 ? [] : [disk]),
      element('memballoon', { model: 'none' }),
    ]),
  ]);
}
