import { constants } from 'node:fs';
import { lstat, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { problem } from '../model/index.js';
import { EXIT } from './exit.js';
import { Failure } from './failure.js';

/** Writes files below a folder. Unless `force`, none is written when one of them exists; a link is never followed. */
export async function writeFiles(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
  force: boolean,
): Promise<void> {
  const there: string[] = [];
  for (const { path } of files) if (!force && (await exists(join(folder, path)))) there.push(path);
  if (there.length > 0)
    throw new Failure(EXIT.error, [
      problem({
        code: 'FileExists',
        message: `${folder} has ${there.join(', ')} already; nothing was written`,
        hint: 'write to another folder, or use --force',
      }),
    ]);
  const how =
    constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | (force ? constants.O_TRUNC : constants.O_EXCL);
  for (const { path, text } of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    const file = await open(target, how, 0o644);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
