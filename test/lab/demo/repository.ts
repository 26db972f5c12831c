import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A repository on this machine, as somebody has it who begins. */
export class Repository {
  private constructor(readonly folder: string) {}

  static async create(folder: string): Promise<Repository> {
    const repository = new Repository(folder);
    await mkdir(folder, { recursive: true });
    await repository.git('init', '--quiet', '--initial-branch', 'main');
    return repository;
  }

  /** Writes files and commits them; answers with the commit id. */
  async commit(message: string, files: ReadonlyMap<string, string>): Promise<string> {
    for (const [path, text] of files) {
      await mkdir(dirname(join(this.folder, path)), { recursive: true });
      await writeFile(join(this.folder, path), text);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--message', message);
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  /** Git without the settings of whoever runs the demo: no hooks, no signing. */
  async git(...args: readonly string[]): Promise<string> {
    const env = {
      PATH: process.env['PATH'],
      HOME: this.folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'Ada Operator',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada Operator',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
    };
    return (await run('git', ['-C', this.folder, ...args], { env })).stdout;
  }
}
