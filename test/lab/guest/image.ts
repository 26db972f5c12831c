import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../cache.js';
import { must, run } from '../namespaces/program.js';
import { unpackKernel } from './kernel.js';

export interface GuestImage {
  readonly kernel: string;
  readonly initramfs: string;
}

const kept = join(cacheFolder, 'kernel');

/** Modules in the order in which they are loaded: a virtio card, alone or below a failover master, igb and its virtual functions. */
const modules = [
  ...['drivers/virtio/virtio_ring', 'drivers/virtio/virtio', 'drivers/virtio/virtio_pci_modern_dev'],
  ...['drivers/virtio/virtio_pci_legacy_dev', 'drivers/virtio/virtio_pci', 'net/core/failover'],
  ...['drivers/net/net_failover', 'drivers/net/virtio_net', 'drivers/i2c/algos/i2c-algo-bit', 'drivers/dca/dca'],
  'drivers/net/ethernet/intel/igb/igb',
  'drivers/net/ethernet/intel/igbvf/igbvf',
].map((path) => ({ path: `kernel/${path}.ko`, file: `${path.split('/').at(-1) ?? ''}.ko` }));
const busybox = '/bin/busybox';
const init = new URL('init', import.meta.url).pathname;

/** True when the guests' kernel has been fetched. */
export function hasKernel(): boolean {
  return existsSync(join(kept, 'vmlinuz'));
}

/** Takes kernel and modules out of a Debian package of a kernel, without installing it. */
export async function keepKernel(debianPackage: string): Promise<void> {
  await inWorkFolder('unpack', async (work) => {
    const patterns = ['./boot/vmlinuz-*', ...modules.map(({ path }) => `./lib/modules/*/${path}`)];
    const unpack = 'from=$1 to=$2; shift 2; dpkg-deb --fsys-tarfile "$from" | tar -x -C "$to" --wildcards "$@"';
    // tar complains of patterns that match nothing; a kernel may have any of the modules built in.
    await run(['sh', '-c', unpack, 'sh', debianPackage, work, ...patterns]);
    const fresh = join(work, 'fresh');
    await takeKernel(work, fresh);
    await rm(kept, { recursive: true, force: true });
    await rename(fresh, kept);
  });
}

/** Copies the kernel of an unpacked system, and the modules that a guest needs, to a folder for {@link guestImage}. */
export async function takeKernel(root: string, folder: string): Promise<void> {
  const [release = ''] = readdirSync(join(root, 'lib/modules'));
  await mkdir(folder);
  for (const { path, file } of modules) {
    const from = join(root, 'lib/modules', release, path);
    if (existsSync(from)) await copyFile(from, join(folder, file));
  }
  await unpackKernel(join(root, 'boot', `vmlinuz-${release}`), join(folder, 'vmlinuz'));
  await writeFile(join(folder, 'release'), `${release}\n`);
}

/** Kernel, as {@link takeKernel} left it, and initial file system of the small guest; builds the latter when its parts have changed. */
export async function guestImage(from = kept): Promise<GuestImage> {
  const kernel = join(from, 'vmlinuz');
  if (!existsSync(kernel)) throw new Error(`the guests' kernel is not in ${from}; test/setup fetches it`);
  const parts = createHash('sha256');
  for (const part of [join(from, 'release'), init, busybox]) parts.update(readFileSync(part));
  const present = modules.map(({ file }) => file).filter((file) => existsSync(join(from, file)));
  parts.update(present.join());
  const initramfs = join(cacheFolder, `initramfs-${parts.digest('hex').slice(0, 16)}`);
  if (!existsSync(initramfs)) await buildInitramfs(from, present, initramfs);
  return { kernel, initramfs };
}

async function buildInitramfs(from: string, present: readonly string[], image: string): Promise<void> {
  await inWorkFolder('initramfs', async (work) => {
    const root = join(work, 'root');
    for (const folder of ['bin', 'dev', 'proc', 'sys', 'modules']) await mkdir(join(root, folder), { recursive: true });
    await copyFile(busybox, join(root, 'bin/busybox'));
    await copyFile(init, join(root, 'init'));
    await chmod(join(root, 'init'), 0o755);
    for (const file of present) await copyFile(join(from, file), join(root, 'modules', file));
    await writeFile(join(root, 'modules/order'), `${present.join('\n')}\n`);
    await must([
      'sh',
      '-c',
      'cd "$1" && find . | cpio --create --format=newc --quiet >"$2"',
      'sh',
      root,
      join(work, 'image'),
    ]);
    await rename(join(work, 'image'), image);
  });
}

/** Runs something with a folder of its own beside what is kept, and removes the folder. */
export async function inWorkFolder(name: string, work: (folder: string) => Promise<void>): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, `${name}-`));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
