import type { TreeFile } from '../ports/index.js';
import type { Problem } from '../model/index.js';
import type { Checked } from './check/check.js';

/** What one file says, as far as it can be told without the others. */
export interface FileContent {
  readonly documents: readonly Checked[];
  readonly problems: readonly Problem[];
}

/**
 * Contents of files by path and blob id, so that a file is parsed again only when it changed. What neither of the last two
 * loads used is dropped.
 */
export class DocumentCache {
  private current = new Map<string, FileContent>();
  private previous = new Map<string, FileContent>();
  private parsed = 0;

  /** Files that were parsed since the cache was made. */
  get parsedFiles(): number {
    return this.parsed;
  }

  /** Starts a load: what the one before the last used is forgotten. */
  turn(): void {
    this.previous = this.current;
    this.current = new Map();
  }

  async contentOf(file: TreeFile, parse: () => Promise<FileContent>): Promise<FileContent> {
    const key = `${file.blob} ${file.path}`;
    let content = this.current.get(key) ?? this.previous.get(key);
    if (content === undefined) {
      content = await parse();
      this.parsed += 1;
    }
    this.current.set(key, content);
    return content;
  }
}

export function createDocumentCache(): DocumentCache {
  return new DocumentCache();
}
