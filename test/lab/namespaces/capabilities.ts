import { createHash, randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../cache.js';

/**
 * Every new libvirtd asks QEMU what it can do before its first guest, which takes more than a second. It keeps the answers in
 * files, and checks before use that they still hold for this QEMU, this libvirt and this kernel: so they can be lent to the next lab.
 */
export async function lendCapabilities(hostCache: string): Promise<void> {
  await copyMissing(kept(), join(hostCache, 'qemu', 'capabilities'));
}

/** Keeps the answers that a host's libvirtd has collected. */
export async function keepCapabilities(hostCache: string): Promise<void> {
  await copyMissing(join(hostCache, 'qemu', 'capabilities'), kept());
}

/** Other programs have a folder of their own, so what is kept once is never replaced. */
function kept(): string {
  const programs = ['/usr/sbin/libvirtd', '/usr/bin/qemu-system-x86_64'].filter((file) => existsSync(file));
  const times = programs.map((file) => statSync(file).ctimeMs);
  const key = createHash('sha256')
    .update(JSON.stringify([release(), times]))
    .digest('hex');
  return join(cacheFolder, `capabilities-${key.slice(0, 16)}`);
}

async function copyMissing(from: string, to: string): Promise<void> {
  const names = await readdir(from).catch(() => []);
  await mkdir(to, { recursive: true });
  for (const name of names.filter((one) => one.endsWith('.xml') && !existsSync(join(to, one)))) {
    // Another lab may be reading the folder: a file appears there whole.
    const fresh = join(to, `${name}.${randomUUID()}`);
    await copyFile(join(from, name), fresh);
    await rename(fresh, join(to, name));
  }
}
