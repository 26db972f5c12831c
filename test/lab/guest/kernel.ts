import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { must } from '../namespaces/program.js';

/**
 * Writes the uncompressed kernel of a bzImage: an emulated processor needs longer to unpack it than to boot it. One that is
 * compressed in a way not known here is copied as it is. Offsets are those of the kernel's x86 boot protocol.
 */
export async function unpackKernel(bzImage: string, to: string): Promise<void> {
  const image = await readFile(bzImage);
  const setupSectors = image.readUInt8(0x1f1) || 4;
  const start = (setupSectors + 1) * 512 + image.readUInt32LE(0x248);
  // The payload ends in four bytes that hold the size of what it unpacks to.
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c) - 4);
  const decompress = programFor(payload);
  if (decompress === undefined) return copyFile(bzImage, to);
  await writeFile(`${to}.payload`, payload);
  await must(['sh', '-c', `${decompress} <"$1" >"$2" && rm "$1"`, 'sh', `${to}.payload`, to]);
}

function programFor(payload: Buffer): string | undefined {
  if (payload.subarray(0, 6).equals(Buffer.from('\xfd7zXZ\0', 'latin1'))) return 'xz -dc';
  if (payload.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return 'gzip -dc';
  if (payload.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) return 'zstd -dc';
  return undefined;
}
