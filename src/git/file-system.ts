import { promises } from 'node:fs';
import { randomUUID } from 'node:crypto';

/**
 * The file system that isomorphic-git gets. It differs in one call: a file is written beside its place, brought to the disk and renamed, so that neither a
 * crash nor another process ever sees half an object, pack or ref (the library writes in place, and never repairs a truncated object).
 */
export const fileSystem = { promises: { ...promises, writeFile } };

async function writeFile(
  path: string,
  data: string | Uint8Array,
  options?: Parameters<typeof promises.writeFile>[2],
): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await promises.open(beside, 'wx');
    try {
      await file.writeFile(data, options);
      await file.datasync();
    } finally {
      await file.close();
    }
    await promises.rename(beside, path);
  } catch (error) {
    await promises.rm(beside, { force: true });
    throw error;
  }
}
