import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { frame, unframe } from './frame.js';

/** A state file that does not hold what was written to it; the message says which, and what to do. */
export class FileDamage extends Error {
  override readonly name = 'FileDamage';
}

/** Puts a value into a file so that a crash leaves either the old one or the new one, on disk. */
export function writeChecked(path: string, value: unknown): void {
  replaceFile(path, frame(value));
}

/** Puts a new file in the place of an old one: a crash leaves either of them, whole and on disk. */
export function replaceFile(path: string, bytes: Buffer): void {
  const next = `${path}.next`;
  const file = openSync(next, 'w', 0o600);
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
  syncFolder(dirname(path));
}

/** The value of a file written by {@link writeChecked}; null when there is no file. `remedy` ends the message about damage. */
export function readChecked(path: string, remedy: string): unknown {
  const bytes = readFrom(path, 0);
  if (bytes === null) return null;
  const read = unframe(bytes, 0);
  if (read.kind === 'value' && read.end === bytes.length) return read.value;
  throw new FileDamage(`${path} is damaged (${bytes.length} bytes that fail their checksum). ${remedy}`);
}

/** The bytes of a file from `offset` on; null when there is no file, it does not reach so far, or does not begin with `head`. */
export function readFrom(path: string, offset: number, head: Buffer = Buffer.alloc(0)): Buffer | null {
  const file = openIfThere(path);
  if (file === null) return null;
  try {
    const length = fstatSync(file).size - offset;
    if (length < 0 || !readAt(file, 0, head.length).equals(head)) return null;
    return readAt(file, offset, length);
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Makes the folder of a file, and the names in it, durable. */
export function makeFolderOf(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
}

/** Makes names that were created or changed in a folder durable. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
