import { posix } from 'node:path';
import type { XmlElement } from '../xml/index.js';
import { attr, child, findAll } from '../xml/index.js';

/** One medium of a domain. */
export interface Disk {
  /** Name in the guest, such as `vda`. */
  readonly target: string;
  readonly device: 'disk' | 'cdrom' | 'floppy' | 'lun';
  /** True when the other hosts reach it too. */
  readonly shared: boolean;
  readonly readOnly: boolean;
  /** Path on the host; null for what has none. */
  readonly path: string | null;
}

/** The media of a domain; an empty drive is none. `sharedPaths` are folders that all hosts mount. */
export function readDisks(domain: XmlElement, sharedPaths: readonly string[]): readonly Disk[] {
  return findAll(domain, 'devices', 'disk').flatMap((disk): readonly Disk[] => {
    const source = child(disk, 'source');
    const path = attr(source, 'file') ?? attr(source, 'dev') ?? attr(source, 'dir');
    const type = attr(disk, 'type') ?? 'file';
    if (source === null || (path === null && (type === 'file' || type === 'block' || type === 'dir'))) return [];
    const shared =
      type === 'network' ||
      child(disk, 'shareable') !== null ||
      (path !== null && sharedPaths.some((folder) => isWithin(folder, path)));
    const device = attr(disk, 'device');
    return [
      {
        target: attr(child(disk, 'target'), 'dev') ?? '',
        device: device === 'cdrom' || device === 'floppy' || device === 'lun' ? device : 'disk',
        shared,
        readOnly: child(disk, 'readonly') !== null,
        path,
      },
    ];
  });
}

/** True for a path in the folder or below it; `..` in the path does not lead out of this question. */
function isWithin(folder: string, path: string): boolean {
  if (!posix.isAbsolute(path) || !posix.isAbsolute(folder)) return false;
  const [outer, inner] = [posix.normalize(`${folder}/`), posix.normalize(path)];
  return inner.startsWith(outer);
}
