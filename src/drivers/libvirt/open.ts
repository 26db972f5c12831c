import type { Clock, Fabric, Hypervisor } from '../../ports/index.js';
import { vfio, type DeviceBacking } from './domain/backing.js';
import { Epochs } from './epochs.js';
import { LibvirtFabric } from './fabric.js';
import { readVfCounters } from './host-commands/index.js';
import { LibvirtHypervisor } from './hypervisor.js';
import type { LibvirtSettings } from '../../connection/libvirt-settings.js';
import { Site, type HostLink } from './site.js';
import {
  hostInventory,
  LibvirtTelemetry,
  type HistoryStore,
  type HostInventory,
  type MeteredHost,
} from './telemetry.js';

export interface LibvirtOptions {
  readonly clock: Clock;
  /** How devices stand in domains; VFIO unless a lab has stand-ins. */
  readonly backing?: DeviceBacking;
  /** Where the measured load outlives the process. */
  readonly store?: HistoryStore;
}

/** The hosts of a cluster behind their libvirt daemons, as three ports over the same connections. */
export interface Libvirt {
  readonly hypervisor: Hypervisor;
  readonly fabric: Fabric;
  readonly telemetry: LibvirtTelemetry;
  /** A sentence for each host that was not seen when it was last looked at: it did not answer, or it is there under two names. */
  readonly silences: () => ReadonlyMap<string, string>;
}

/** Connects to the hosts of a cluster; those that do not answer yet come when they do. Closing the hypervisor ends everything. */
export function openLibvirt(settings: LibvirtSettings, options: LibvirtOptions): Libvirt {
  const { clock, backing = vfio, store } = options;
  const site = new Site(settings, backing, clock);
  const epochs = new Epochs();
  const telemetry = new LibvirtTelemetry({
    hosts: site.links.map((link) => metered(site, link)),
    clock,
    ...(store === undefined ? {} : { store }),
  });
  telemetry.start();
  return {
    hypervisor: new LibvirtHypervisor(site, epochs, () => telemetry.close()),
    fabric: new LibvirtFabric({
      hosts: site.links.map((link) => ({ name: link.name, commands: link.commands, look: () => site.look(link) })),
      refusal: (device, epoch) => epochs.refusal([device], epoch),
    }),
    telemetry,
    silences: () => site.silences,
  };
}

function metered(site: Site, { name, calls, commands }: HostLink): MeteredHost {
  const inventory = (): HostInventory | null => {
    const seen = site.lastSeen(name);
    return seen === null ? null : hostInventory(seen);
  };
  if (commands === null) return { name, calls, inventory };
  const vfCounters = (deadlineMs: number) =>
    readVfCounters(commands, site.lastSeen(name)?.host.devices ?? [], deadlineMs);
  return { name, calls, inventory, vfCounters };
}
