import { isActive } from '../../model/index.js';
import type { Clock, Fabric, Hypervisor } from '../../ports/index.js';
import { vfio, type DeviceBacking } from './domain/backing.js';
import { Epochs } from './epochs.js';
import { LibvirtFabric } from './fabric.js';
import { vfStates } from './host-commands/index.js';
import { LibvirtHypervisor } from './hypervisor.js';
import type { HostObservation } from './inventory/index.js';
import type { LibvirtSettings } from './settings.js';
import { Site, type HostLink } from './site.js';
import { LibvirtTelemetry, type HistoryStore, type HostInventory, type MeteredHost } from './telemetry.js';

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
  };
}

function metered(site: Site, { name, calls, commands }: HostLink): MeteredHost {
  const inventory = (): HostInventory | null => {
    const seen = site.lastSeen(name);
    return seen === null ? null : capacityOf(seen);
  };
  if (commands === null) return { name, calls, inventory };
  return {
    name,
    calls,
    inventory,
    vfCounters: async (deadlineMs) => {
      const answer = await commands.links({ deadlineMs });
      const devices = site.lastSeen(name)?.host.devices ?? [];
      const states = answer.kind === 'answered' ? vfStates(devices, answer.value) : new Map<never, never>();
      return new Map(
        [...states].flatMap(([bdf, { counters }]) => (counters === null ? [] : [[bdf, counters] as const])),
      );
    },
  };
}

function capacityOf({ host, machines }: HostObservation): HostInventory {
  const ports = host.devices.map(({ function: is }) => (is.kind === 'pf' && is.linkState === 'up' ? is.speedMbps : 0));
  const functions = new Set(host.devices.flatMap(({ bdf, function: is }) => (is.kind === 'vf' ? [bdf] : [])));
  return {
    cpus: host.numaNodes.reduce((sum, node) => sum + node.cpus, 0),
    lineMbps: ports.reduce((sum, speed) => sum + speed, 0),
    vfsOf: new Map(
      machines.filter(isActive).flatMap(({ name, assignments }) => {
        const own = assignments.map(({ device }) => device).filter((device) => functions.has(device));
        return own.length === 0 ? [] : [[name, own] as const];
      }),
    ),
  };
}
