import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';

/** Mode and content of a tree entry that ordinary tools would not make; a `Buffer` name need not be UTF-8. */
export interface RawEntry {
  readonly mode: string;
  readonly name: string | Buffer;
  readonly oid: string;
}

/** A bare repository on disk, changed by git's plumbing as people's tools would, or as an attacker would. */
export interface BareRepository {
  readonly path: string;
  git(args: readonly string[], input?: string | Buffer): string;
  blob(content: string | Buffer): string;
  /** A tree with exactly these entries, in this order, unchecked. */
  rawTree(entries: readonly RawEntry[]): string;
  commitTree(tree: string, parents: readonly string[]): string;
  /** The files of `parent` with changes (null: deleted) as a new commit. */
  commit(parent: string | null, files: Readonly<Record<string, string | null>>): string;
  setBranch(branch: string, commit: string): void;
  tip(branch: string): string | null;
}

/** Makes a bare repository at `path` with the branch `main` to come. */
export function bareRepository(path: string): BareRepository {
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', path]);
  let clock = 1_700_000_000;
  const git = (args: readonly string[], input: string | Buffer = '', env: NodeJS.ProcessEnv = {}): string =>
    execFileSync('git', [...args], {
      cwd: path,
      input,
      env: { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
      .toString('utf8')
      .trim();
  const blob = (content: string | Buffer): string => git(['hash-object', '-w', '--stdin'], content);
  const commitTree = (tree: string, parents: readonly string[]): string => {
    const date = `${++clock} +0000`;
    const person = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.com', GIT_AUTHOR_DATE: date };
    const committer = { GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'ann@example.com', GIT_COMMITTER_DATE: date };
    const parentArgs = parents.flatMap((parent) => ['-p', parent]);
    return git(['commit-tree', tree, ...parentArgs, '-m', 'A change'], '', { ...person, ...committer });
  };
  return {
    path,
    git,
    blob,
    rawTree: (entries) =>
      git(
        ['hash-object', '-t', 'tree', '--literally', '-w', '--stdin'],
        Buffer.concat(
          entries.flatMap(({ mode, name, oid }) => [
            Buffer.from(`${mode} `),
            Buffer.from(name),
            Buffer.from([0]),
            Buffer.from(oid, 'hex'),
          ]),
        ),
      ),
    commitTree,
    commit: (parent, files) => {
      const index = { GIT_INDEX_FILE: join(path, 'test-index') };
      rmSync(index.GIT_INDEX_FILE, { force: true });
      if (parent !== null) git(['read-tree', parent], '', index);
      const lines = Object.entries(files).map(([name, text]) =>
        text === null ? `0 ${'0'.repeat(40)}\t${name}` : `100644 ${blob(text)}\t${name}`,
      );
      git(['update-index', '--add', '--index-info'], `${lines.join('\n')}\n`, index);
      return commitTree(git(['write-tree'], '', index), parent === null ? [] : [parent]);
    },
    setBranch: (branch, commit) => {
      git(['update-ref', `refs/heads/${branch}`, commit]);
    },
    tip: (branch) => {
      try {
        return git(['rev-parse', '--verify', '-q', `refs/heads/${branch}`]);
      } catch {
        return null;
      }
    },
  };
}

/** A folder that `dispose` removes with all that is in it. */
export function temporaryFolder(): { readonly path: string; readonly dispose: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'berth-git-'));
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}
