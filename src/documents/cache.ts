import type { TreeFile } from '../ports/index.js';
import type { Problem } from '../model/index.js';
import type { Checked } from './check/check.js';

/** What one file says, as far as it can be told without the others. */
export interface FileContent {
  readonly documents: readonly Checked[];
  readonly problems: readonly Problem[];
}

/** Loads of which contents are kept: a pass may look at a commit and at the one before it in turns. */
const KEPT_LOADS = 3;

/** Contents of files by path and blob id, so that a file is parsed again only when it changed. */
export class DocumentCache {
  /** What each of the last loads used, the newest first. */
  private loads: readonly Map<string, FileContent>[] = [];
  private parsed = 0;

  /** Files that were parsed since the cache was made. */
  get parsedFiles(): number {
    return this.parsed;
  }

  /** Starts a load; what none of the last ones used is forgotten. */
  turn(): void {
    this.loads = [new Map<string, FileContent>(), ...this.loads].slice(0, KEPT_LOADS);
  }

  async contentOf(file: TreeFile, parse: () => Promise<FileContent>): Promise<FileContent> {
    const key = `${file.blob} ${file.path}`;
    let content = this.loads.find((load) => load.has(key))?.get(key);
    if (content === undefined) {
      content = await parse();
      this.parsed += 1;
    }
    this.loads[0]?.set(key, content);
    return content;
  }
}

/** An empty cache, to be kept from load to load. */
export function createDocumentCache(): DocumentCache {
  return new DocumentCache();
}
