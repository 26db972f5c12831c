import type { AccessGroup, Desired, DesiredHost, DeviceClass, Strategy } from '../../model/index.js';
import { placeOf } from '../check/check.js';
import { uniqueNames, type Catalog } from './catalog.js';

export const ALL_STRATEGIES: readonly Strategy[] = ['vfio-live', 'failover', 'hotplug', 'cold'];

export function hosts(catalog: Catalog): readonly DesiredHost[] {
  return catalog.all('Host').map((checked) => {
    const { metadata, spec } = checked.document;
    catalog.refer('AccessGroup', spec.accessGroup, checked, '/spec/accessGroup');
    const { ports } = spec;
    uniqueNames(catalog, checked, '/spec/ports', ports.map(({ netdev }) => netdev), 'netdev'); // prettier-ignore
    return {
      name: metadata.name,
      place: placeOf(checked, '/metadata/name'),
      labels: metadata.labels ?? {},
      accessGroup: spec.accessGroup,
      zone: spec.zone,
      maintenance: spec.maintenance,
      reserved: spec.reserved,
      cpuAllocationRatio: spec.cpuAllocationRatio,
      ports,
      expect: spec.expect,
    };
  });
}

export function accessGroups(catalog: Catalog, all: readonly DesiredHost[]): readonly AccessGroup[] {
  return catalog.all('AccessGroup').map((checked) => {
    const { metadata, spec } = checked.document;
    return {
      name: metadata.name,
      place: placeOf(checked, '/metadata/name'),
      switch: spec.switch,
      uplinkMbps: spec.uplinkMbps,
      latencyMs: Object.fromEntries(spec.latencies.map(({ site, ms }) => [site, ms])),
      hosts: all.filter((host) => host.accessGroup === metadata.name).map((host) => host.name),
    };
  });
}

export function portProfiles(catalog: Catalog): Desired['portProfiles'] {
  return catalog.all('PortProfile').map((checked) => {
    const { metadata, spec } = checked.document;
    return { name: metadata.name, place: placeOf(checked, '/metadata/name'), ...spec, vlan: spec.vlan ?? null };
  });
}

export function deviceClasses(catalog: Catalog): readonly DeviceClass[] {
  return catalog.all('DeviceClass').map((checked) => {
    const { metadata, spec } = checked.document;
    noPortOnNetwork(catalog, metadata.name, spec.physicalNetwork);
    return {
      name: metadata.name,
      place: placeOf(checked, '/metadata/name'),
      ...spec,
      physicalNetwork: spec.physicalNetwork ?? null,
      strategies: spec.strategies ?? (spec.type === 'vf' ? ALL_STRATEGIES : ['hotplug', 'cold']),
    };
  });
}

/** A network that no port is plugged into is most likely misspelt; the machines that claim the class could run nowhere. */
function noPortOnNetwork(catalog: Catalog, name: string, network: string | undefined): void {
  if (network === undefined) return;
  const networks = catalog
    .all('Host')
    .flatMap(({ document }) => document.spec.ports.map((port) => port.physicalNetwork));
  if (networks.includes(network)) return;
  const place = catalog.place('DeviceClass', name, '/spec/physicalNetwork');
  const known = [...new Set(networks)].join(', ');
  const hint = known === '' ? 'write ports in the Host documents' : `the networks of the ports are: ${known}`;
  if (place !== null)
    catalog.warning('UnknownNetwork', `no port of a host is on the network "${network}"`, hint, place);
}
