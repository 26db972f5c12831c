import { bareRepository, temporaryFolder } from './bare-repository.js';
import { createRepository, openFolder, openSource, openStatusStore, serveRepositories } from '../../src/git/index.js';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sourceContract, statusStoreContract } from '../contracts/repository.js';
import type { BareRepository } from './bare-repository.js';
import type { SourceFixture, StatusFixture } from '../contracts/repository.js';
import type { StatusStoreOptions } from '../../src/git/index.js';
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = 'main';

/** Drives the source's branch through the repository on disk, whatever way the source itself takes. */
function drive(repository: BareRepository): Pick<SourceFixture, 'commit' | 'rewind' | 'replaceHistory'> {
  const move = (commit: string): Promise<string> => {
    repository.setBranch(MAIN, commit);
    return Promise.resolve(commit);
  };
  return {
    commit: (files) => move(repository.commit(repository.tip(MAIN), files)),
    rewind: async (revision) => {
      await move(revision);
    },
    replaceHistory: (files) => move(repository.commit(null, files)),
  };
}

sourceContract('a bare repository on disk', true, async () => {
  const folder = temporaryFolder();
  const repository = bareRepository(join(folder.path, 'r.git'));
  const open = () => openSource({ location: repository.path, cacheDir: join(folder.path, 'cache') });
  return { ...drive(repository), source: await open(), reopen: open, close: closing(folder.dispose) };
});

sourceContract('a repository with packed refs and objects', true, async () => {
  const folder = temporaryFolder();
  const repository = bareRepository(join(folder.path, 'r.git'));
  const open = () => openSource({ location: repository.path, branch: MAIN, cacheDir: join(folder.path, 'cache') });
  const { commit, ...rest } = drive(repository);
  const pack = (revision: string): string => {
    repository.git(['gc', '-q', '--prune=never']);
    return revision;
  };
  return {
    ...rest,
    commit: async (files) => pack(await commit(files)),
    source: await open(),
    reopen: open,
    close: closing(folder.dispose),
  };
});

sourceContract("a work tree's repository", true, async () => {
  const folder = temporaryFolder();
  const bare = bareRepository(join(folder.path, 'r.git'));
  const work = join(folder.path, 'work');
  bare.git(['clone', '-q', bare.path, work]);
  const repository = { ...bareRepository(join(work, '.git')), path: work };
  const open = () => openSource({ location: work, branch: MAIN, cacheDir: join(folder.path, 'cache') });
  return { ...drive(repository), source: await open(), reopen: open, close: closing(folder.dispose) };
});

sourceContract('a remote over http', true, async () => {
  const folder = temporaryFolder();
  const repository = bareRepository(join(folder.path, 'r.git'));
  const server = await serveRepositories({ root: folder.path });
  let caches = 0;
  const open = () =>
    openSource({
      location: `${server.url}/r.git`,
      branch: MAIN,
      cacheDir: join(folder.path, `cache-${++caches}`),
    });
  return { ...drive(repository), source: await open(), reopen: open, close: closing(folder.dispose, server.close) };
});

sourceContract('a folder that is no repository', false, async () => {
  const folder = temporaryFolder();
  const open = () => openSource({ location: folder.path, cacheDir: join(folder.path, '.cache') });
  return { ...writeInto(folder.path), source: await open(), reopen: open, close: closing(folder.dispose) };
});

sourceContract("a work tree's files", false, async () => {
  const folder = temporaryFolder();
  execFileSync('git', ['init', '-q', folder.path]);
  const open = () => openFolder(folder.path);
  return { ...writeInto(folder.path), source: await open(), reopen: open, close: closing(folder.dispose) };
});

function writeInto(path: string): Pick<SourceFixture, 'commit' | 'rewind' | 'replaceHistory'> {
  const commit: SourceFixture['commit'] = (files) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      if (text === null) rmSync(join(path, name));
      else writeFileSync(join(path, name), text);
    }
    return Promise.resolve('folder');
  };
  return { commit, replaceHistory: commit, rewind: () => Promise.resolve() };
}

statusStoreContract('a bare repository on disk', () => {
  const folder = temporaryFolder();
  const repository = bareRepository(join(folder.path, 'r.git'));
  return Promise.resolve(statusFixture(repository, () => ({ location: repository.path }), closing(folder.dispose)));
});

statusStoreContract('a repository whose refs are packed', () => {
  const folder = temporaryFolder();
  const repository = bareRepository(join(folder.path, 'r.git'));
  const fixture = statusFixture(repository, () => ({ location: repository.path }), closing(folder.dispose));
  const open = (): ReturnType<StatusFixture['open']> => {
    repository.git(['pack-refs', '--all']);
    return fixture.open();
  };
  return Promise.resolve({ ...fixture, open });
});

statusStoreContract('a remote over http, each writer with a cache of its own', async () => {
  const folder = temporaryFolder();
  const repository = bareRepository(join(folder.path, 'r.git'));
  const server = await serveRepositories({ root: folder.path });
  let writers = 0;
  const options = (): Location => ({
    location: `${server.url}/r.git`,
    cacheDir: join(folder.path, `cache-${++writers}`),
  });
  return statusFixture(repository, options, closing(folder.dispose, server.close));
});

statusStoreContract('a remote over http, all writers with one cache', async () => {
  const folder = temporaryFolder();
  await createRepository(join(folder.path, 'r.git'), MAIN);
  const repository = bareRepository(join(folder.path, 'r.git'));
  const server = await serveRepositories({ root: folder.path });
  const options = (): Location => ({ location: `${server.url}/r.git`, cacheDir: join(folder.path, 'cache') });
  return statusFixture(repository, options, closing(folder.dispose, server.close));
});

type Location = Pick<StatusStoreOptions, 'location'> & Partial<StatusStoreOptions>;

const STATUS = 'berth/status';

function statusFixture(repository: BareRepository, options: () => Location, close: () => Promise<void>): StatusFixture {
  return {
    open: () =>
      openStatusStore({
        branch: STATUS,
        author: { name: 'Berth', email: 'berth@example.com' },
        cacheDir: 'unused',
        clock: { now: () => 1_700_000_000_000, sleep: (ms) => sleep(ms) },
        random: Math.random,
        ...options(),
      }),
    commitByHand: (files) => {
      const commit = repository.commit(repository.tip(STATUS), files);
      repository.setBranch(STATUS, commit);
      return commit;
    },
    history: () => {
      const lines = repository.git(['log', '--reverse', '--format=%H%x00%P%x00%B%x01', STATUS]).split('\x01');
      return Promise.resolve(
        lines.slice(0, -1).map((line) => {
          const [revision = '', parents = '', message = ''] = line.trim().split('\0');
          return { revision, parents: parents === '' ? 0 : parents.split(' ').length, message: message.trim() };
        }),
      );
    },
    files: () => {
      const names = repository.git(['ls-tree', '-r', '--name-only', STATUS]).split('\n');
      return Promise.resolve(
        Object.fromEntries(names.map((name) => [name, repository.git(['show', `${STATUS}:${name}`])])),
      );
    },
    close,
  };
}

function closing(dispose: () => void, stop: () => Promise<void> = () => Promise.resolve()): () => Promise<void> {
  return async () => {
    await stop();
    dispose();
  };
}
