import type { Dummy, Host, PciDevice } from '../../../src/model/index.js';
import { deviceKey } from '../../../src/model/index.js';
import { NOW } from '../fixture.js';
import type { Cluster } from './cluster.js';
import type { HostTwist } from './drawn.js';

/** The cluster with what has been drawn for its hosts beyond the fixture's lines. */
export function twistHosts(
  { desired, world }: Cluster,
  twists: readonly (readonly [host: string, twist: HostTwist])[],
): Cluster {
  const of = new Map(twists);
  const used = new Set(world.reservations.map(deviceKey));
  const hosts = world.hosts.map((host): Host => {
    const twist = of.get(host.name);
    if (twist === undefined) return host;
    return { ...host, devices: host.devices.map((device) => twisted(host, device, twist, used)) };
  });
  return {
    desired: {
      ...desired,
      hosts: desired.hosts.map((host) => {
        const twist = of.get(host.name);
        if (twist === undefined) return host;
        const ports = host.ports.map((port, index) =>
          // One port of two: the class is there, and not on every network.
          index === 0 ? { ...port, physicalNetwork: twist.network } : port,
        );
        return { ...host, ports, ...twist.kept };
      }),
    },
    world: {
      ...world,
      hosts,
      dummies: hosts.flatMap((host) => (of.get(host.name)?.foreignDummy === true ? foreignDummy(host, used) : [])),
    },
  };
}

function twisted(host: Host, device: PciDevice, twist: HostTwist, used: ReadonlySet<string>): PciDevice {
  const { function: what } = device;
  if (what.kind === 'pf') return { ...device, function: { ...what, linkState: twist.link } };
  if (what.kind !== 'vf' || used.has(deviceKey({ host: host.name, device: device.bdf }))) return device;
  const model = twist.model === 'usual' ? {} : { vendor: '15b3', device: '101e' };
  return { ...device, ...model, iommuGroup: groupOf(host, device, what, twist, used) };
}

function groupOf(
  host: Host,
  device: PciDevice,
  { parent, index }: { readonly parent: string; readonly index: number },
  { groups }: HostTwist,
  used: ReadonlySet<string>,
): number {
  switch (groups) {
    case 'own':
      return device.iommuGroup;
    case 'with-port':
      return host.devices.find((other) => other.bdf === parent)?.iommuGroup ?? device.iommuGroup;
    case 'pairs': {
      const even = host.devices.find(
        ({ function: other }) => other.kind === 'vf' && other.parent === parent && other.index === index - (index % 2),
      );
      const isFree = even !== undefined && !used.has(deviceKey({ host: host.name, device: even.bdf }));
      return isFree ? even.iommuGroup : device.iommuGroup;
    }
  }
}

function foreignDummy(host: Host, used: ReadonlySet<string>): readonly Dummy[] {
  const free = host.devices.findLast(
    (device) => device.function.kind === 'vf' && !used.has(deviceKey({ host: host.name, device: device.bdf })),
  );
  if (free === undefined) return [];
  const name = `stranger-${host.name}`;
  const mac = `02:00:00:00:00:0${host.name.slice(1)}`;
  return [{ name, host: host.name, devices: [free.bdf], mac, reservation: '', expiresAt: NOW + 3_600_000 }];
}
