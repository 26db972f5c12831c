import { ASSIGNMENT_DRIVER } from '../../model/index.js';
import type { DeviceClass, PciDevice } from '../../model/index.js';
import { groupOf } from '../placement.js';
import type { HostView, View } from '../view.js';

/** Devices of a host for a class, narrowed down step by step. */
export interface Pool {
  readonly ofClass: readonly PciDevice[];
  readonly onNetwork: readonly PciDevice[];
  readonly wholeGroup: readonly PciDevice[];
}

/** Whatever is searched for, the pools of a host stay the same for a whole plan: its view is built anew for each. */
const pools = new WeakMap<HostView, Map<string, Pool>>();

/** The devices of a host that a class matches. */
export function poolOf(view: View, host: HostView, name: string): Pool {
  const byClass = pools.get(host) ?? new Map<string, Pool>();
  pools.set(host, byClass);
  const known = byClass.get(name);
  if (known !== undefined) return known;
  const pool = poolOfClass(host, view.classes.get(name));
  byClass.set(name, pool);
  return pool;
}

function poolOfClass(host: HostView, wanted: DeviceClass | undefined): Pool {
  if (wanted === undefined) return { ofClass: [], onNetwork: [], wholeGroup: [] };
  const matching = [...host.devices.values()].filter((device) => isOfClass(device, wanted));
  const plugged = matching.filter((device) => isOnNetwork(host, device, wanted.physicalNetwork));
  const whole = plugged.filter((device) =>
    groupOf(device.bdf, host).every((member) => host.devices.get(member)?.function.kind !== 'pf'),
  );
  return { ofClass: matching, onNetwork: plugged, wholeGroup: whole };
}

function isOfClass(device: PciDevice, wanted: DeviceClass): boolean {
  const matches = (allowed: readonly string[], value: string | null) =>
    allowed.length === 0 || (value !== null && allowed.includes(value));
  return (
    device.function.kind === (wanted.type === 'vf' ? 'vf' : 'whole') &&
    matches(wanted.vendors, device.vendor) &&
    matches(wanted.devices, device.device) &&
    (device.driver === ASSIGNMENT_DRIVER || matches(wanted.drivers, device.driver)) &&
    matches(wanted.categories, device.category)
  );
}

function isOnNetwork(host: HostView, device: PciDevice, network: string | null): boolean {
  if (device.function.kind !== 'vf') return network === null;
  const port = portOf(host, device);
  if (port?.linkState !== 'up') return false;
  return network === null || networkOf(host, port.netdev) === network;
}

function portOf(host: HostView, device: PciDevice) {
  const parent = device.function.kind === 'vf' ? host.devices.get(device.function.parent)?.function : undefined;
  return parent?.kind === 'pf' ? parent : null;
}

function networkOf(host: HostView, netdev: string): string | null {
  return host.desired.ports.find((port) => port.netdev === netdev)?.physicalNetwork ?? null;
}
