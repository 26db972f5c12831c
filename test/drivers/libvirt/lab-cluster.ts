import { SystemClock } from '../../../src/clock/system.js';
import { openLibvirt, type Libvirt } from '../../../src/drivers/libvirt/open.js';
import { parseLibvirtUri } from '../../../src/drivers/libvirt/rpc/index.js';
import type { LibvirtSettings } from '../../../src/connection/libvirt-settings.js';
import { printXml } from '../../../src/drivers/libvirt/xml/index.js';
import type { Assignment, HypervisorAction } from '../../../src/model/index.js';
import type { LabHost } from '../../lab/namespaces/host.js';
import { standInBacking, standInFunctions } from '../../lab/stand-in.js';
import { openClient } from './rpc/lab-client.js';

/** What `spec.connection` would say of the hosts of a lab. */
export function labSettings(hosts: readonly LabHost[], parts: Partial<LibvirtSettings> = {}): LibvirtSettings {
  return {
    hosts: hosts.map((host) => {
      const uri = parseLibvirtUri(host.uri);
      if (!uri.ok) throw new Error(uri.reason);
      return {
        name: host.name,
        uri: uri.value,
        peerUri: host.peerUri,
        migrationUri: host.migrationUri,
        commands: null,
        guardLedger: null,
      };
    }),
    resyncSeconds: 60,
    shutdownSeconds: 0,
    unplugSeconds: 20,
    sharedPaths: [],
    image: null,
    liveMigratable: [],
    tls: false,
    ...parts,
  };
}

/** A driver for the hosts of a lab, with stand-ins for VFs. */
export function openLabDriver(hosts: readonly LabHost[], parts: Partial<LibvirtSettings> = {}): Libvirt {
  return openLibvirt(labSettings(hosts, parts), { clock: new SystemClock(), backing: standInBacking });
}

/** A stand-in as an element for a guest's `<devices>`. */
export function cardXml(held: Assignment): string {
  const device = standInFunctions.find(({ bdf }) => bdf === held.device);
  if (device === undefined) throw new Error(`there is no stand-in ${held.device}`);
  return printXml(standInBacking.element({ ...held, device, vlan: null, managed: true }));
}

/** Defines a guest on a host and starts it: unlike `host.create`, it outlives its end. */
export async function defineAndStart(host: LabHost, xml: string): Promise<void> {
  const client = await openClient(host.uri);
  try {
    await client.create(await client.defineXml(xml));
  } finally {
    await client.close();
  }
}

/** An order to carry a machine without devices from a host to another. */
export function order(
  machine: string,
  from: LabHost,
  to: LabHost,
  parts: Partial<Extract<HypervisorAction, { readonly kind: 'migrate' }>> = {},
): Extract<HypervisorAction, { readonly kind: 'migrate' }> {
  return {
    port: 'hypervisor',
    kind: 'migrate',
    machine,
    from: from.name,
    to: to.name,
    strategy: 'hotplug',
    devices: [],
    numaNode: null,
    bandwidthMibps: 0,
    maxDowntimeMs: 500,
    autoConverge: false,
    connections: 1,
    ...parts,
  };
}

/** How many QEMU processes a host has for a guest, whatever its libvirtd says. */
export async function processesOf(host: LabHost, guest: string): Promise<number> {
  const { stdout } = await host.exec(['sh', '-c', `ps -eo args | grep -c '[g]uest=${guest},'`]);
  return Number(stdout);
}

/** Ends and forgets every guest of the hosts. */
export async function clear(hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) {
    for (const guest of await host.guests()) {
      await host.exec(['virsh', 'destroy', guest]);
      await host.exec(['virsh', 'undefine', guest]);
    }
  }
}
