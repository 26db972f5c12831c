import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveEntry } from '../../setup/debian.js';
import { cacheFolder } from '../cache.js';
import { guestImage, inWorkFolder, takeKernel, type GuestImage } from '../guest/image.js';
import { must } from '../namespaces/program.js';

/** What nested hosts start from. All of them share the disk; each writes into a copy that is gone with it. */
export interface HostImage {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  /** Kernel and file system of the guests of nested hosts, as files of this machine. */
  readonly guest: GuestImage;
}

/** The release whose libvirt and QEMU the hosts have; fixed, so that the lab is the same everywhere. */
const suite = 'trixie';

const packages = [
  ...['linux-image-amd64', 'udev', 'kmod', 'dbus', 'procps', 'iproute2', 'iputils-ping', 'ethtool', 'pciutils'],
  ...['openssh-server', 'libvirt-daemon-system', 'libvirt-clients', 'qemu-system-x86', 'qemu-utils'],
];

const here = new URL('.', import.meta.url).pathname;
const prefix = 'sriov-';

/** The image, from what is kept; null when it has to be built. */
export async function keptImage(): Promise<HostImage | null> {
  const folder = keptFolder();
  if (!existsSync(join(folder, 'disk.img'))) return null;
  return {
    disk: join(folder, 'disk.img'),
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd'),
    guest: await guestImage(join(folder, 'guest')),
  };
}

/** Builds the image out of Debian packages: some minutes, with the archive that this machine takes its own packages from. */
export async function buildImage(): Promise<void> {
  const entry = archiveEntry(suite);
  if (entry === undefined) throw new Error(`apt's configuration names no archive from which ${suite} can be had`);
  const folder = keptFolder();
  await inWorkFolder('build', async (work) => {
    const sources = join(work, 'archive.sources');
    await writeFile(sources, entry);
    await must(['bash', join(here, 'root.sh'), sources, work, join(here, 'init'), ...packages]);
    await takeKernel(join(work, 'root'), join(work, 'guest'));
    await must(['cp', '-r', join(work, 'guest', 'vmlinuz'), join(work, 'root', 'guest-kernel')]);
    await must(['bash', join(here, 'disk.sh'), work]);
    for (const name of readdirSync(cacheFolder).filter((one) => one.startsWith(prefix)))
      await rm(join(cacheFolder, name), { recursive: true, force: true });
    await rm(sources);
    await rename(work, folder);
  });
}

/** Where a guest of a nested host finds its kernel on the disk of the host. */
export const GUEST_KERNEL = '/guest-kernel';

function keptFolder(): string {
  const parts = createHash('sha256').update(JSON.stringify([suite, packages]));
  for (const name of ['root.sh', 'disk.sh', 'init']) parts.update(readFileSync(join(here, name)));
  return join(cacheFolder, `${prefix}${parts.digest('hex').slice(0, 16)}`);
}
