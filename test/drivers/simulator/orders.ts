import type { AttachedDevice, HypervisorAction, Strategy } from '../../../src/model/index.js';
import { GUEST_ADDRESS, macOf, vf } from './cluster-of.js';

type Order<K extends HypervisorAction['kind']> = Extract<HypervisorAction, { readonly kind: K }>;

/** The device of a machine's claim `net`. */
export function net(machine: string, index: number): AttachedDevice {
  return { claim: 'net', device: vf(index), guestAddress: GUEST_ADDRESS, mac: macOf(machine), vlan: null };
}

/** Moves a machine by a strategy, by default one without devices. */
export function migrate(
  machine: string,
  from: string,
  to: string,
  parts: Partial<Order<'migrate'>> = {},
): Order<'migrate'> {
  const strategy: Exclude<Strategy, 'cold'> = 'hotplug';
  return {
    port: 'hypervisor',
    kind: 'migrate',
    machine,
    from,
    to,
    strategy,
    devices: [],
    numaNode: null,
    bandwidthMibps: 0,
    maxDowntimeMs: 300,
    autoConverge: false,
    connections: 1,
    ...parts,
  };
}

/** A dummy for a machine on some devices of a host. */
export function commission(host: string, machine: string, ...devices: readonly string[]): Order<'commission'> {
  return {
    port: 'hypervisor',
    kind: 'commission',
    host,
    dummy: `berth-dummy-${machine}-net`,
    devices,
    mac: macOf(`dummy ${machine}`).replace('52:', '02:'),
    reservation: `${host}/${devices[0] ?? ''}`,
    machine,
    ttlSeconds: 600,
  };
}

/** Starts a machine without devices. */
export function start(
  host: string,
  machine: string,
  parts: Partial<Order<'start'>['definition']> = {},
): Order<'start'> {
  const definition = {
    name: machine,
    vcpus: 1,
    memoryMiB: 1024,
    hugepageSizeKiB: 0,
    numaNode: null,
    isolatedCpus: false,
    diskGiB: 1,
    sharedDisks: true,
    devices: [],
    ...parts,
  };
  return { port: 'hypervisor', kind: 'start', host, machine, definition };
}
