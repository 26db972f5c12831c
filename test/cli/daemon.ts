import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { copyExample, MAIN } from './berth.js';

const running: ChildProcess[] = [];

/** A running `berth reconcile --watch`. */
export interface Daemon {
  readonly child: ChildProcess;
  readonly url: string;
  /** Log records so far. */
  readonly records: Record<string, unknown>[];
  /** Resolves when a record matches; the test's own time-out ends the wait. */
  readonly seen: (matches: (record: Record<string, unknown>) => boolean) => Promise<Record<string, unknown>>;
}

/** Starts the daemon on a repository; it is killed after the test. */
export async function daemon(
  home: string,
  folder: string,
  source = folder,
  ...options: readonly string[]
): Promise<Daemon> {
  const child = spawn(
    process.execPath,
    [MAIN, 'reconcile', source, '--watch', '--listen', '0', '--poll', '1s', ...options],
    {
      env: { PATH: process.env['PATH'], HOME: home, BERTH_STATE: `${folder}-state` },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  running.push(child);
  const records: Record<string, unknown>[] = [];
  let rest = '';
  child.stderr.on('data', (text) => {
    const lines = `${rest}${String(text)}`.split('\n');
    rest = lines.pop() ?? '';
    records.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
  });
  const seen: Daemon['seen'] = async (matches) => {
    for (;;) {
      const found = records.find(matches);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const { url } = await seen((record) => typeof record['url'] === 'string');
  return { child, url: String(url), records, seen };
}

/** A repository of documents, and what a person does in it. */
export interface Documents {
  readonly folder: string;
  readonly git: (...args: string[]) => string;
  /** Commits all files as they are, and answers with the commit's id. */
  readonly commit: (message: string) => string;
  /** Rewrites a file. */
  readonly edit: (file: string, change: (text: string) => string) => Promise<void>;
}

/** The swap example without its pins, so that there is nothing to do at first, as a repository. */
export async function repository(home: string, name: string): Promise<Documents> {
  const folder = await copyExample('03-anti-affinity-swap', join(home, name));
  const edit: Documents['edit'] = async (file, change) => {
    const path = join(folder, file);
    await writeFile(path, change(await readFile(path, 'utf8')));
  };
  await edit('machines.yaml', (text) => text.replaceAll(/^ {2}host: .*\n/gm, ''));
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
    }).trim();
  const commit = (message: string): string => {
    git('add', '--all');
    git('commit', '--quiet', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  git('init', '--quiet', '-b', 'main');
  commit('Begin');
  return { folder, git, commit, edit };
}

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
