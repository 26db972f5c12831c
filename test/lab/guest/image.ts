import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { must, run } from '../namespaces/program.js';

/** `cloud` starts fastest; `standard` also drives igb network cards, and so sees the stand-in virtual functions. */
export type KernelKind = 'cloud' | 'standard';

export interface GuestImage {
  readonly kernel: string;
  readonly initramfs: string;
}

/** What is built for guests is kept here, outside of the repository. */
export const cacheFolder = process.env['BERTH_LAB_CACHE'] ?? join(homedir(), '.cache', 'berth-lab');

/** Modules in the order in which they are loaded; what a kernel has built in, or has not at all, is left out. */
const modules = [
  ...['drivers/virtio/virtio_ring', 'drivers/virtio/virtio', 'drivers/virtio/virtio_pci_modern_dev'],
  ...['drivers/virtio/virtio_pci_legacy_dev', 'drivers/virtio/virtio_pci', 'net/core/failover'],
  ...['drivers/net/net_failover', 'drivers/net/virtio_net', 'drivers/i2c/algos/i2c-algo-bit', 'drivers/dca/dca'],
  'drivers/net/ethernet/intel/igb/igb',
];
const busybox = '/bin/busybox';
const init = new URL('init', import.meta.url).pathname;

/** True when the kernel of a kind has been fetched. */
export function hasKernel(kind: KernelKind): boolean {
  return existsSync(join(cacheFolder, kind, 'vmlinuz'));
}

/** Takes kernel and modules out of a Debian package of a kernel, without installing it. */
export async function keepKernel(kind: KernelKind, debianPackage: string): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const work = await mkdtemp(join(cacheFolder, 'unpack-'));
  try {
    const kept = modules.map((module) => `./lib/modules/*/kernel/${module}.ko`);
    const unpack = 'from=$1 to=$2; shift 2; dpkg-deb --fsys-tarfile "$from" | tar -x -C "$to" --wildcards "$@"';
    // tar complains of patterns that match nothing; which modules must be there differs by kernel.
    await run(['sh', '-c', unpack, 'sh', debianPackage, work, './boot/vmlinuz-*', ...kept]);
    const fresh = join(work, 'kept');
    await mkdir(join(fresh, 'modules'), { recursive: true });
    const [release = ''] = readdirSync(join(work, 'lib/modules'));
    await copyFile(join(work, 'boot', `vmlinuz-${release}`), join(fresh, 'vmlinuz'));
    for (const module of modules) {
      const file = join(work, 'lib/modules', release, 'kernel', `${module}.ko`);
      if (existsSync(file)) await copyFile(file, join(fresh, 'modules', `${module.split('/').at(-1) ?? ''}.ko`));
    }
    await writeFile(join(fresh, 'release'), `${release}\n`);
    await rm(join(cacheFolder, kind), { recursive: true, force: true });
    await rename(fresh, join(cacheFolder, kind));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Kernel and initial file system of the small guest; builds the latter when its parts have changed. */
export async function guestImage(kind: KernelKind): Promise<GuestImage> {
  if (!hasKernel(kind)) throw new Error(`the guests' kernel is not in ${cacheFolder}; test/setup fetches it`);
  const kernel = join(cacheFolder, kind, 'vmlinuz');
  const release = readFileSync(join(cacheFolder, kind, 'release'), 'utf8');
  const parts = createHash('sha256').update(release).update(readFileSync(init)).update(readFileSync(busybox));
  const initramfs = join(cacheFolder, `${kind}-${parts.digest('hex').slice(0, 16)}.cpio.gz`);
  if (!existsSync(initramfs)) await buildInitramfs(kind, initramfs);
  return { kernel, initramfs };
}

async function buildInitramfs(kind: KernelKind, file: string): Promise<void> {
  const work = await mkdtemp(join(cacheFolder, 'initramfs-'));
  try {
    const root = join(work, 'root');
    for (const folder of ['bin', 'dev', 'proc', 'sys', 'modules']) await mkdir(join(root, folder), { recursive: true });
    await copyFile(busybox, join(root, 'bin/busybox'));
    await copyFile(init, join(root, 'init'));
    await chmod(join(root, 'init'), 0o755);
    const order = modules.map((module) => `${module.split('/').at(-1) ?? ''}.ko`);
    const present = order.filter((module) => existsSync(join(cacheFolder, kind, 'modules', module)));
    for (const module of present) {
      await copyFile(join(cacheFolder, kind, 'modules', module), join(root, 'modules', module));
    }
    await writeFile(join(root, 'modules/order'), `${present.join('\n')}\n`);
    const pack = 'cd "$1" && find . | cpio --create --format=newc --quiet | gzip -1 >"$2"';
    await must(['sh', '-c', pack, 'sh', root, join(work, 'image')]);
    await rename(join(work, 'image'), file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
