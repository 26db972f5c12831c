import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A clone in which the demo's author works, as any user would: edit, commit, push. */
export interface WorkingCopy {
  readonly folder: string;
  /** Commits everything and pushes it. Answers with the commit id. */
  commit(message: string): Promise<string>;
}

/** Clones the empty repository at `url` into `folder` and puts an example's files there. */
export async function cloneWithExample(url: string, folder: string, example: string): Promise<WorkingCopy> {
  const git = gitIn(folder);
  await gitIn('.')('clone', '--quiet', url, folder);
  await git('checkout', '--quiet', '-B', 'main');
  await cp(example, folder, { recursive: true, filter: (path) => !path.startsWith(join(example, 'expected')) });
  return {
    folder,
    async commit(message) {
      await git('add', '--all');
      await git('commit', '--quiet', '--message', message);
      await git('push', '--quiet', 'origin', 'main');
      return (await git('rev-parse', 'HEAD')).trim();
    },
  };
}

/** Git without the settings of the person who runs the demo: no hooks, no signing, no credential helper. */
function gitIn(folder: string): (...args: readonly string[]) => Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada Operator',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada Operator',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  const where = folder === '.' ? [] : ['-C', folder];
  return async (...args) => (await run('git', [...where, ...args], { env })).stdout;
}
