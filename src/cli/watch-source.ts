import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { watch } from 'chokidar';
import { makeFolderOf } from '../durable/index.js';
import type { Source } from '../ports/index.js';

/** How news of a source comes. `close` ends the watching. */
export interface SourceWatch {
  close(): Promise<void>;
}

/** Calls `onNews` when branches of a local repository move, or files of a plain folder change. */
export function watchFolder(folder: string, onNews: () => void): SourceWatch {
  const git = [join(folder, '.git'), folder].find((path) => existsSync(join(path, 'HEAD')));
  const paths = git === undefined ? [folder] : ['HEAD', 'refs', 'packed-refs'].map((name) => join(git, name));
  const watcher = watch(paths, {
    ignoreInitial: true,
    // Status commits move a branch too; a pass that finds no news ends at once, and lock files are not worth one.
    ignored: (path) => path.endsWith('.lock') || (git === undefined && /\/\.[^/]+$/.test(path.slice(folder.length))),
    awaitWriteFinish: { stabilityThreshold: 100, pollInterval: 20 },
  });
  watcher.on('all', onNews);
  return { close: () => watcher.close() };
}

/** Calls `onNews` when a file of the state folder comes, changes or goes. */
export function watchState(file: string, onNews: () => void): SourceWatch {
  const folder = dirname(file);
  makeFolderOf(file);
  const watcher = watch(folder, { ignoreInitial: true, depth: 0, ignored: (path) => path !== folder && path !== file });
  watcher.on('all', onNews);
  return { close: () => watcher.close() };
}

/** Asks a remote again and again, and calls `onNews` when its branch has moved or it can be reached again. Failures are the next pass's to tell. */
export function pollSource(source: Source, everySeconds: number, onNews: () => void): SourceWatch {
  let last: string | null = null;
  let asking = false;
  let lost = false;
  const ask = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    const tip = await source.fetch().catch(() => null);
    asking = false;
    const isBack = lost && tip !== null;
    lost = tip === null;
    if (tip === null || (tip === last && !isBack)) return;
    if (last !== null) onNews();
    last = tip;
  };
  const timer = setInterval(() => void ask(), everySeconds * 1000);
  return {
    close: () => {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}
