import type { Desired, DesiredHost, Topology } from '../../model/index.js';

/** The unit of a topology that each host is in. */
export function unitsOf(desired: Desired, topology: Topology): ReadonlyMap<string, string> {
  return new Map(desired.hosts.map((host) => [host.name, unitOf(host, topology)]));
}

function unitOf(host: DesiredHost, topology: Topology): string {
  switch (topology) {
    case 'host':
      return host.name;
    case 'accessGroup':
      return host.accessGroup;
    case 'zone':
      return host.zone;
  }
}

export const UNIT_WORDS: Readonly<Record<Topology, string>> = {
  host: 'host',
  accessGroup: 'access group',
  zone: 'zone',
};
