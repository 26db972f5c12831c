import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { startGuard } from '../namespaces/guard.js';
import { labPrefix, labsFolder } from '../namespaces/lab.js';
import { Link } from '../namespaces/link.js';
import { firstBelow, ready } from '../namespaces/process-tree.js';
import { inNetwork, must } from '../namespaces/program.js';
import { sweep } from '../namespaces/record.js';
import { hostAddress, SriovHost } from './host.js';
import type { HostImage } from './image.js';
import { makeKeys } from './keys.js';

export interface SriovLabOptions {
  /** Number of hosts, 1 to 4; each takes two processors and 2 GiB. */
  readonly hosts: number;
  readonly image: HostImage;
  /** Virtual functions of each host's NIC, 1 to 7. */
  readonly vfs?: number;
}

export interface SriovLab {
  readonly folder: string;
  readonly hosts: readonly SriovHost[];
  /** The switch between the ports of the hosts' NICs, and a third party on it. */
  readonly link: Link;
  close(): Promise<void>;
}

/**
 * Starts nested hosts, each with an SR-IOV NIC, and resolves when the libvirtd of each answers. As with the labs in namespaces, all of it
 * is below one process-id namespace, so that nothing is left when the process that opened it ends in whatever way.
 */
export async function openSriovLab({ hosts: count, image, vfs = 4 }: SriovLabOptions): Promise<SriovLab> {
  if (!(count >= 1 && count <= 4)) throw new Error('a lab has 1 to 4 nested hosts');
  await sweep(labsFolder, labPrefix);
  const folder = await mkdtemp(join(labsFolder, labPrefix));
  const guard = startGuard(folder, false);
  try {
    await ready(join(folder, 'ready'));
    const pid = firstBelow(guard.pid, 2);
    if (pid === undefined) throw new Error('the lab ended while it started');
    // The network of the daemons, apart from that of the guests.
    await must(
      inNetwork(pid, ['ip', '-batch', '-']),
      `link add mg address 02:00:00:88:00:fe type bridge
link set mg up
addr add ${hostAddress(254)}/24 dev mg
`,
    );
    const keys = await makeKeys(folder, `${hostAddress(0).slice(0, -1)}*`);
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    const hosts = numbers.map((number) => new SriovHost(number, { folder, pid, image, keys, vfs, hosts: count }));
    await Promise.all(hosts.map((host) => host.start()));
    await Promise.all(hosts.map((host) => host.booted()));
    return {
      folder,
      hosts,
      link: new Link(pid),
      close: async () => {
        try {
          await Promise.all(hosts.map((host) => host.release()));
        } finally {
          await guard.end();
        }
      },
    };
  } catch (error) {
    await guard.end();
    throw error;
  }
}
