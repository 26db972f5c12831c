import type { Host, PciDevice } from '../../model/index.js';
import { labelOf } from './names.js';

/** A class of devices that is to be written, and which devices belong to it. */
export interface FoundClass {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * The class that a device of a host belongs to; null when the host does not have it. VFs are alike when the ports that they belong to have
 * the same name: that is the best guess at which network is behind a port. Other devices are alike when they are of one model.
 */
export function classOf(host: Host, bdf: string): FoundClass | null {
  const device = host.devices.find((one) => one.bdf === bdf);
  if (device === undefined) return null;
  if (device.function.kind !== 'vf') return classOfModel(device);
  const network = networkOf(host, device.function.parent);
  if (network === null) return classOfModel(device);
  return {
    name: labelOf(`${network}-vf`, 'vf'),
    spec: { type: 'vf', vendors: [device.vendor], physicalNetwork: network },
  };
}

/** The name of the network behind a port, which is that of the port until somebody says better; null for a port without a name. */
export function networkOf(host: Host, port: string): string | null {
  const found = host.devices.find((one) => one.bdf === port)?.function;
  return found?.kind === 'pf' && found.netdev !== '' ? labelOf(found.netdev, 'network') : null;
}

function classOfModel({ category, vendor, device, function: is }: PciDevice): FoundClass {
  return {
    name: `${category}-${vendor}-${device}`,
    spec: { type: is.kind === 'vf' ? 'vf' : 'function', vendors: [vendor], devices: [device] },
  };
}
