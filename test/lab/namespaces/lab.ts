import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Authority, certifyHost, type Credentials } from './certificates.js';
import { startGuard, type Guard } from './guard.js';
import { LabHost } from './host.js';
import { Link } from './link.js';
import { sweep, writeRecord } from './record.js';
import { firstBelow, ready } from './process-tree.js';

export interface LabOptions {
  /** Number of hosts, 1 to 8. */
  readonly hosts: number;
  /** Hosts also listen with TLS, and find each other with it. */
  readonly tls?: boolean;
  /** The lab outlives the process that opens it, until `npm run lab:namespaces -- down LAB`. */
  readonly kept?: boolean;
  /** Further lines for each host's libvirtd.conf and qemu.conf. */
  readonly libvirtd?: string;
  readonly qemu?: string;
}

export interface Lab {
  readonly name: string;
  /** All that the lab writes; gone after `close`. */
  readonly folder: string;
  /** The same folder for all hosts: for disks that do not move. */
  readonly sharedFolder: string;
  /** One path, but each host sees a folder of its own there; from outside it is `<host.folder>/local`. */
  readonly localFolder: string;
  readonly hosts: readonly LabHost[];
  readonly link: Link;
  /** With `tls`: what a client outside of the lab presents, and the authority, to sign others. */
  readonly tls?: { readonly client: Credentials; readonly authority: Authority };
  close(): Promise<void>;
}

/** Folders of labs; short, because the path of a unix socket has at most 107 bytes. */
export const labsFolder = '/tmp';
export const labPrefix = 'berth-lab-';

/**
 * Starts hypervisors in namespaces of their own; needs root. Nothing of a lab is visible outside but its folder and its
 * processes: so labs do not collide, and when the process that opened one ends, the kernel removes all of it.
 */
export async function openLab(options: LabOptions): Promise<Lab> {
  if (!(options.hosts >= 1 && options.hosts <= 8)) throw new Error('a lab has 1 to 8 hosts');
  await sweep(labsFolder, labPrefix);
  const folder = await mkdtemp(join(labsFolder, labPrefix));
  const guard = startGuard(folder, options.kept === true);
  try {
    await ready(join(folder, 'ready'));
    // The guard's child is unshare, and that one's child is the lab's first process.
    const pid = firstBelow(guard.pid, 2);
    if (pid === undefined) throw new Error('the lab ended while it started');
    const lab = await furnish(folder, pid, guard, options);
    await writeRecord(folder, { pid, hosts: lab.hosts.map(({ name, pid, uri }) => ({ name, pid, uri })) });
    return lab;
  } catch (error) {
    await guard.end();
    throw error;
  }
}

async function furnish(folder: string, pid: number, guard: Guard, options: LabOptions): Promise<Lab> {
  const sharedFolder = join(folder, 'shared');
  const localFolder = join(folder, 'local');
  await mkdir(sharedFolder);
  await mkdir(localFolder);
  const numbers = Array.from({ length: options.hosts }, (_, index) => index + 1);
  const names = numbers.map((number) => `${address(number)} h${number}\n`);
  await writeFile(join(folder, 'hosts'), `127.0.0.1 localhost\n${names.join('')}`);
  const authority = options.tls === true ? await Authority.create(join(folder, 'pki')) : undefined;
  const hosts = numbers.map((number) => {
    const configuration = {
      uuid: `4c616200-0000-4000-8000-00000000000${number}`,
      address: address(number),
      tls: authority !== undefined,
      sharedFolder,
      libvirtd: options.libvirtd,
      qemu: options.qemu,
    };
    return new LabHost(`h${number}`, number, { folder, pid }, configuration);
  });
  if (authority) {
    const certified = hosts.map((host) => {
      const reachable = [`DNS:${host.name}`, `IP:${host.address}`, 'DNS:localhost', 'IP:127.0.0.1'];
      return certifyHost(authority, join(host.folder, 'etc', 'pki'), reachable);
    });
    await Promise.all(certified);
  }
  await Promise.all(hosts.map((host) => host.boot()));
  return {
    name: folder.slice(join(labsFolder, labPrefix).length),
    folder,
    sharedFolder,
    localFolder,
    hosts,
    link: new Link(pid),
    ...(authority && { tls: { authority, client: await authority.certify(join(folder, 'pki'), 'client', []) } }),
    close: async () => {
      try {
        await Promise.all(hosts.map((host) => host.release()));
      } finally {
        await guard.end();
      }
    },
  };
}

function address(number: number): string {
  return `10.77.0.${number}`;
}
