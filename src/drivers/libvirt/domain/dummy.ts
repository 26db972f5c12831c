import type { Mac } from '../../../model/index.js';
import { metadataElement, NO_METADATA, type DummyMark } from '../inventory/index.js';
import { element, type XmlElement } from '../xml/index.js';
import type { DeviceBacking, PluggedDevice } from './backing.js';

/** VFIO pins all memory of a domain, so it is as little as a firmware starts with. */
const MEMORY_MIB = 32;

/** A domain that is there only to hold devices: never started beyond its pause, without a disk, with an address of its own. */
export function dummyDomain(
  parts: {
    readonly name: string;
    readonly type: string;
    readonly devices: readonly Pick<PluggedDevice, 'claim' | 'device'>[];
    readonly mac: Mac;
    readonly mark: DummyMark;
  },
  backing: DeviceBacking,
): XmlElement {
  const { name, type, devices, mac, mark } = parts;
  const plugged = devices.map((one) => backing.element({ ...one, mac, vlan: null, guestAddress: '', managed: false }));
  return element('domain', { type }, [
    element('name', {}, [name]),
    element('metadata', {}, [metadataElement({ ...NO_METADATA, dummy: mark })]),
    element('memory', { unit: 'MiB' }, [String(MEMORY_MIB)]),
    element('vcpu', {}, ['1']),
    element('os', {}, [element('type', { machine: 'q35' }, ['hvm'])]),
    element('on_poweroff', {}, ['destroy']),
    element('on_reboot', {}, ['destroy']),
    element('on_crash', {}, ['destroy']),
    element('devices', {}, [...plugged, element('memballoon', { model: 'none' })]),
  ]);
}
