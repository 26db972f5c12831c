import { CALL } from '../procedures.js';
import { nothing } from '../procedure.js';
import type { Procedure } from '../procedure.js';
import { bitsOf } from './flags.js';

/** Kinds of devices that a list can be narrowed to. */
const NODE_DEVICE_FILTER = {
  system: 1 << 0,
  pci: 1 << 1,
  net: 1 << 4,
  storage: 1 << 8,
  mdevTypes: 1 << 13,
  mdev: 1 << 14,
  vpd: 1 << 21,
} as const;
export type NodeDeviceFilter = keyof typeof NODE_DEVICE_FILTER;

const NODE_DEVICE_LIST_MAX = 65_536;

/** Names of the host's devices; no filter: all of them. */
export const connectListAllNodeDevices: Procedure<readonly NodeDeviceFilter[], readonly string[]> = {
  name: 'connectListAllNodeDevices',
  number: CALL.connectListAllNodeDevices,
  lane: 'quick',
  write: (w, filters) => {
    w.int(1);
    w.uint(bitsOf(NODE_DEVICE_FILTER, filters));
  },
  read: (r) => {
    const names = r.list(NODE_DEVICE_LIST_MAX, 4, () => r.string());
    r.uint();
    return names;
  },
};

/** The device's name as the daemon knows it; answers `noNodeDevice` when there is none. */
export const nodeDeviceLookupByName: Procedure<string, string> = {
  name: 'nodeDeviceLookupByName',
  number: CALL.nodeDeviceLookupByName,
  lane: 'quick',
  write: (w, name) => w.string(name),
  read: (r) => r.string(),
};

export const nodeDeviceGetXml: Procedure<string, string> = {
  name: 'nodeDeviceGetXml',
  number: CALL.nodeDeviceGetXml,
  lane: 'quick',
  write: (w, name) => {
    w.string(name);
    w.uint(0);
  },
  read: (r) => r.string(),
};

/** Takes a PCI device from the host's driver and gives it to a stub driver; `driver` null: the daemon's choice. */
export const nodeDeviceDetach: Procedure<{ readonly name: string; readonly driver: string | null }, void> = {
  name: 'nodeDeviceDetach',
  number: CALL.nodeDeviceDetach,
  lane: 'slow',
  write: (w, { name, driver }) => {
    w.string(name);
    w.optional(driver, (text) => w.string(text));
    w.uint(0);
  },
  read: nothing,
};

/** Gives a PCI device back to the host's driver. */
export const nodeDeviceReAttach: Procedure<string, void> = {
  name: 'nodeDeviceReAttach',
  number: CALL.nodeDeviceReAttach,
  lane: 'slow',
  write: (w, name) => w.string(name),
  read: nothing,
};

export const nodeDeviceReset: Procedure<string, void> = {
  name: 'nodeDeviceReset',
  number: CALL.nodeDeviceReset,
  lane: 'slow',
  write: (w, name) => w.string(name),
  read: nothing,
};
