import type { Clock } from '../../ports/index.js';
import { vfio, type DeviceBacking } from './domain/backing.js';
import { LibvirtHypervisor } from './hypervisor.js';
import type { LibvirtSettings } from './settings.js';
import { Site } from './site.js';

export interface LibvirtOptions {
  readonly clock: Clock;
  /** How devices stand in domains; VFIO unless a lab has stand-ins. */
  readonly backing?: DeviceBacking;
}

/** Connects to the hosts of a cluster; those that do not answer yet come when they do. */
export function openLibvirt(settings: LibvirtSettings, { clock, backing = vfio }: LibvirtOptions): LibvirtHypervisor {
  const destinations = new Map<string, string>();
  return new LibvirtHypervisor(new Site(settings, backing, clock, destinations, () => null), destinations);
}
