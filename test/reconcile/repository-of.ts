import { createHash } from 'node:crypto';
import { problem } from '../../src/model/index.js';
import { RepositoryError, type Relation, type Source } from '../../src/ports/index.js';

/** A source in memory: commits are maps of path to text, in the order in which they were made. */
export class Repository implements Source {
  readonly #commits: { readonly revision: string; readonly files: ReadonlyMap<string, string> }[] = [];
  #reachable = true;

  /** Commits files on top of what is there (null text: deleted); answers with the commit id. */
  commit(files: Readonly<Record<string, string | null>>): string {
    const next = new Map(this.#commits.at(-1)?.files);
    for (const [path, text] of Object.entries(files)) {
      if (text === null) next.delete(path);
      else next.set(path, text);
    }
    const revision = hash(`${this.#commits.at(-1)?.revision ?? ''} ${JSON.stringify([...next])}`);
    this.#commits.push({ revision, files: next });
    return revision;
  }

  /** Takes back the last commits, as a forced push does. */
  rewind(count: number): void {
    this.#commits.splice(-count);
  }

  setReachable(reachable: boolean): void {
    this.#reachable = reachable;
  }

  fetch(): Promise<string> {
    if (!this.#reachable)
      return Promise.reject(
        new RepositoryError(
          problem({ code: 'RepositoryUnreachable', message: 'the source does not answer', answer: 'retry' }),
        ),
      );
    return Promise.resolve(this.#commits.at(-1)?.revision ?? '');
  }

  tree(revision: string): ReturnType<Source['tree']> {
    const files = this.#commits.find((commit) => commit.revision === revision)?.files ?? new Map<string, string>();
    return Promise.resolve({
      revision,
      files: [...files]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, text]) => ({ path, blob: hash(text), bytes: Buffer.byteLength(text) })),
      read: (file) => Promise.resolve(files.get(file.path) ?? ''),
      readPath: (path) => Promise.resolve(files.get(path) ?? null),
    });
  }

  relation(previous: string, revision: string): Promise<Relation> {
    const ids = this.#commits.map((commit) => commit.revision);
    if (previous === revision) return Promise.resolve('same');
    if (!ids.includes(previous)) return Promise.resolve('rewound');
    return Promise.resolve(ids.indexOf(previous) < ids.indexOf(revision) ? 'ahead' : 'rewound');
  }
}

function hash(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
