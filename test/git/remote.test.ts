import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bareRepository, temporaryFolder } from './bare-repository.js';
import { existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { openSource, openStatusStore, serveRepositories } from '../../src/git/index.js';
import { problemCode, publication } from '../contracts/repository.js';
import type { BareRepository } from './bare-repository.js';
import type { RepositoryLimits, RepositoryServer, StatusStoreOptions } from '../../src/git/index.js';
import { RepositoryError } from '../../src/ports/index.js';
import type { RequestListener } from 'node:http';
import type { Source } from '../../src/ports/index.js';
import type { AddressInfo } from 'node:net';
import { createServer, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { once } from 'node:events';

const SECRET = 'hunter2-s3cret';
const folder = temporaryFolder();
let repository: BareRepository;
let server: RepositoryServer;
let caches = 0;

beforeAll(async () => {
  repository = bareRepository(join(folder.path, 'r.git'));
  repository.setBranch('main', repository.commit(null, { 'vm.yaml': 'a: 1\n' }));
  server = await serveRepositories({ root: folder.path, credentials: { username: 'ann', password: SECRET } });
});

afterAll(async () => {
  await server.close();
  folder.dispose();
});

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A server that answers as told; its address. */
async function scripted(listener: RequestListener): Promise<string> {
  const script = createServer(listener);
  script.listen(0, '127.0.0.1');
  await once(script, 'listening');
  stops.push(async () => {
    script.closeAllConnections();
    script.close();
    await once(script, 'close');
  });
  return `http://127.0.0.1:${(script.address() as AddressInfo).port}`;
}

const withSecret = (address: string): string => address.replace('http://', `http://ann:${SECRET}@`);

function open(location: string, limits: Partial<RepositoryLimits> = {}): Promise<Source> {
  return openSource({ location, branch: 'main', cacheDir: join(folder.path, `cache-${++caches}`), limits });
}

const fetchFrom = async (location: string, limits: Partial<RepositoryLimits> = {}): Promise<string> =>
  (await open(location, limits)).fetch();

async function rejection(promise: Promise<unknown>): Promise<RepositoryError> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RepositoryError) return error;
  throw new Error(`a problem was expected, not ${String(error)}`);
}

const ADVERTISEMENT = { 'content-type': 'application/x-git-upload-pack-advertisement' };
const pkt = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text;
const advertised = `${pkt('# service=git-upload-pack\n')}0000${pkt(
  `${'a'.repeat(40)} refs/heads/main\0side-band-64k shallow ofs-delta agent=git/2\n`,
)}0000`;

describe('a server that does not behave', () => {
  const cases: readonly { reason: string; listener: RequestListener; code: string; answer: string }[] = [
    { reason: 'hangs', listener: () => undefined, code: 'RepositoryTimeout', answer: 'wait' },
    {
      reason: 'trickles',
      listener: (_, response) => {
        response.writeHead(200, ADVERTISEMENT);
        setInterval(() => response.write('0'), 20).unref();
      },
      code: 'RepositoryTimeout',
      answer: 'wait',
    },
    {
      reason: 'hangs in the middle',
      listener: (request, response) => {
        if (request.method === 'GET') response.writeHead(200, ADVERTISEMENT).end(advertised);
      },
      code: 'RepositoryTimeout',
      answer: 'wait',
    },
    {
      reason: 'breaks off',
      listener: (_, response) => {
        response.writeHead(200, { ...ADVERTISEMENT, 'content-length': 1000 }).write('001e');
        setTimeout(() => response.destroy(), 50);
      },
      code: 'RepositoryUnreachable',
      answer: 'wait',
    },
    {
      reason: 'shows a page',
      listener: (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>${SECRET}`),
      code: 'NotAGitServer',
      answer: 'stall',
    },
    {
      reason: 'advertises garbage',
      listener: (_, response) => response.writeHead(200, ADVERTISEMENT).end(`zzzz${SECRET}`),
      code: 'BadServerAnswer',
      answer: 'wait',
    },
    {
      reason: 'sends garbage for a pack',
      listener: (request, response) => {
        const type = { 'content-type': 'application/x-git-upload-pack-result' };
        if (request.method === 'GET') response.writeHead(200, ADVERTISEMENT).end(advertised);
        else
          response.writeHead(200, type).end(`0008NAK\n0030\x01PACK\0\0\0\x02\0\0\0\x09${SECRET}${'x'.repeat(17)}0000`);
      },
      code: 'BadServerAnswer',
      answer: 'wait',
    },
    {
      reason: 'never stops',
      listener: (_, response) => {
        response.writeHead(200, ADVERTISEMENT);
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, '0'))) continue;
        };
        response.on('drain', more);
        more();
      },
      code: 'PackTooLarge',
      answer: 'stall',
    },
    {
      reason: 'fails',
      listener: (_, response) => response.writeHead(503).end(SECRET),
      code: 'RepositoryUnreachable',
      answer: 'wait',
    },
    {
      reason: 'knows no such repository',
      listener: (_, response) => response.writeHead(404).end(SECRET),
      code: 'RepositoryMissing',
      answer: 'stall',
    },
    {
      reason: 'forbids',
      listener: (_, response) => response.writeHead(403).end(SECRET),
      code: 'AuthenticationFailed',
      answer: 'stall',
    },
  ];

  it.each(cases)('$reason: it ends with $code, and says nothing secret', async ({ listener, code, answer }) => {
    const address = await scripted(listener);
    const error = await rejection(fetchFrom(withSecret(`${address}/r.git`), { requestMs: 400, packBytes: 1_000_000 }));
    expect([error.problem.code, error.problem.answer]).toEqual([code, answer]);
    expect(error.message).toContain(`${address}/r.git`);
    expect(JSON.stringify([error, error.problem, error.stack, error.cause])).not.toContain(SECRET);
  });

  it('that redirects elsewhere is not followed, and the credentials do not go there', async () => {
    let strangers = 0;
    const stranger = await scripted((_, response) => {
      strangers++;
      response.end();
    });
    const address = await scripted((request, response) =>
      response
        .writeHead(302, { location: `${stranger.replace('http://', `http://x:${SECRET}@`)}${request.url ?? ''}` })
        .end(),
    );
    const error = await rejection(fetchFrom(withSecret(`${address}/r.git`)));
    expect([error.problem.code, strangers]).toEqual(['RedirectRefused', 0]);
    expect(error.message).toContain(`${stranger}/r.git`);
    expect(JSON.stringify([error.problem, error.stack])).not.toContain(SECRET);
  });

  it('that is not there makes the loop wait', async () => {
    const address = await scripted(() => undefined);
    for (const stop of stops.splice(0)) await stop();
    const error = await rejection(fetchFrom(withSecret(`${address}/r.git`)));
    expect([error.problem.code, error.problem.answer]).toEqual(['RepositoryUnreachable', 'wait']);
    expect(error.message).not.toContain(SECRET);
  });
});

describe('credentials', () => {
  const address = (): string => `${server.url}/r.git`;

  it('are taken from the address or from the options', async () => {
    const tip = repository.tip('main');
    expect(await fetchFrom(withSecret(address()))).toBe(tip);
    const cacheDir = join(folder.path, 'cache-options');
    const credentials = { username: 'ann', password: SECRET };
    const source = await openSource({ location: address(), branch: 'main', cacheDir, credentials });
    expect(await source.fetch()).toBe(tip);
    expect(readEverything(cacheDir)).not.toContain(SECRET);
  });

  it.each(['', `ann:wrong-${SECRET}@`])(
    'that are missing or wrong are refused, and not shown: %j',
    async (userinfo) => {
      const error = await rejection(fetchFrom(address().replace('http://', `http://${userinfo}`)));
      expect([error.problem.code, error.problem.answer]).toEqual(['AuthenticationFailed', 'stall']);
      expect(JSON.stringify([error.problem, error.stack])).not.toContain(SECRET);
    },
  );

  it('that no header can carry are refused', async () => {
    const credentials = { username: 'ann', password: `${SECRET}\r\nHost: elsewhere` };
    const opening = openSource({ location: address(), branch: 'main', cacheDir: 'unused', credentials });
    const error = await rejection(opening);
    expect(error.problem.code).toBe('BadCredentials');
    expect(error.message).not.toContain(SECRET);
  });
});

function readEverything(path: string): string {
  return filesBelow(path)
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');
}

function filesBelow(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('sizes', () => {
  const served = async (tree: string, limits: Partial<RepositoryLimits>): Promise<string> => {
    repository.setBranch('main', repository.commitTree(tree, []));
    return problemCode(fetchFrom(withSecret(`${server.url}/r.git`), limits));
  };
  const treeOf = (...contents: readonly (string | Buffer)[]): string =>
    repository.rawTree(
      contents.map((content, n) => ({ mode: '100644', name: `f${n}.txt`, oid: repository.blob(content) })),
    );

  it('a pack over the limit is refused', async () => {
    const noise = Buffer.from(Array.from({ length: 60_000 }, (_, n) => (n * n * 31 + n * 7) % 251));
    expect(await served(treeOf(noise), { packBytes: 2_000 })).toBe('PackTooLarge');
  });

  it('an object that unpacks to more than the limit is refused before it is unpacked', async () => {
    expect(await served(treeOf(Buffer.alloc(3_000_000)), { objectBytes: 2_000_000 })).toBe('ObjectTooLarge');
  });

  it('a delta whose result is more than the limit is refused', async () => {
    const base = Buffer.from(Array.from({ length: 30_000 }, (_, n) => (n * n * 31 + n * 7) % 251));
    const tree = treeOf(base, Buffer.concat([base, base, base]));
    repository.setBranch('main', repository.commitTree(tree, []));
    repository.git(['repack', '-a', '-d', '-f', '-q']);
    expect(await problemCode(fetchFrom(withSecret(`${server.url}/r.git`), { objectBytes: 50_000 }))).toBe(
      'ObjectTooLarge',
    );
    expect(await problemCode(fetchFrom(withSecret(`${server.url}/r.git`), { objectBytes: 100_000 }))).toBe('none');
  });

  it('many small objects that unpack to too much together are refused', async () => {
    const contents = Array.from({ length: 20 }, (_, n) => Buffer.alloc(100_000, n));
    expect(await served(treeOf(...contents), { packBytes: 100_000 })).toBe('PackTooLarge');
  });
});

describe('the cache of a remote', () => {
  async function filled(): Promise<{ readonly source: Source; readonly cacheDir: string; readonly tip: string }> {
    const cacheDir = join(folder.path, `cache-${++caches}`);
    repository.setBranch('main', repository.commit(null, { 'vm.yaml': `a: ${caches}\n`, 'in/b.yaml': 'b: 1\n' }));
    const source = await openSource({ location: withSecret(`${server.url}/r.git`), branch: 'main', cacheDir });
    return { source, cacheDir, tip: await source.fetch() };
  }
  const packs = (cacheDir: string, suffix: string): readonly string[] =>
    filesBelow(cacheDir).filter((file) => file.endsWith(suffix));

  it.each([
    { reason: 'a pack is cut short', damage: (file: string) => truncateSync(file, 20), suffix: '.pack' },
    { reason: 'a pack is gone', damage: (file: string) => rmSync(file), suffix: '.pack' },
    { reason: 'an index is garbage', damage: (file: string) => writeFileSync(file, 'garbage'), suffix: '.idx' },
    { reason: 'an index is empty', damage: (file: string) => truncateSync(file, 0), suffix: '.idx' },
  ])('is made anew when $reason', async ({ damage, suffix }) => {
    const { cacheDir, tip } = await filled();
    for (const file of packs(cacheDir, suffix)) damage(file);
    const later = await openSource({ location: withSecret(`${server.url}/r.git`), branch: 'main', cacheDir });
    expect(await later.fetch()).toBe(tip);
    expect((await later.tree(tip)).files.map((file) => file.path)).toEqual(['in/b.yaml', 'vm.yaml']);
  });

  it('answers while the server is away, for commits that were fetched', async () => {
    const { source, tip } = await filled();
    const tree = await source.tree(tip);
    const [first] = tree.files;
    if (first === undefined) throw new Error('a file was expected');
    await server.close();
    expect(await tree.read(first)).toBe('b: 1\n');
    expect(await source.relation(tip, tip)).toBe('same');
    expect(await problemCode(source.fetch())).toBe('RepositoryUnreachable');
    server = await serveRepositories({ root: folder.path, credentials: { username: 'ann', password: SECRET } });
  });

  it('does not grow without end, and keeps one predecessor for those who still read it', async () => {
    const { source, cacheDir } = await filled();
    let tip = '';
    for (let n = 0; n < 70; n++) {
      repository.setBranch('main', repository.commit(repository.tip('main'), { 'vm.yaml': `a: ${n}\n` }));
      tip = await source.fetch();
    }
    expect(tip).toBe(repository.tip('main'));
    expect(packs(cacheDir, '.pack').length).toBeLessThan(80);
    const [home = ''] = readdirSync(cacheDir);
    expect(readdirSync(join(cacheDir, home)).filter((name) => name.endsWith('.git'))).toHaveLength(2);
  });

  it('serves several sources that fetch at the same moment', async () => {
    const cacheDir = join(folder.path, `cache-${++caches}`);
    const options = { location: withSecret(`${server.url}/r.git`), branch: 'main', cacheDir };
    const sources = await Promise.all(Array.from({ length: 6 }, () => openSource(options)));
    const tips = await Promise.all(sources.map((source) => source.fetch()));
    expect(new Set(tips)).toEqual(new Set([repository.tip('main')]));
    const trees = await Promise.all(sources.map((source) => source.tree(tips[0] ?? '')));
    expect(trees.map((tree) => tree.files.length)).toEqual(Array(6).fill(trees[0]?.files.length));
  });

  it.each([999_999_999, process.pid])('is not blocked by a lock that process %i left behind', async (pid) => {
    const { cacheDir, tip, source } = await filled();
    const [home = ''] = readdirSync(cacheDir);
    writeFileSync(join(cacheDir, `${home}.lock`), `${pid} left-behind`);
    expect(await source.fetch()).toBe(tip);
    expect(existsSync(join(cacheDir, `${home}.lock`))).toBe(false);
  });

  it('waits for the lock of a process that lives, and says so in the end', async () => {
    const { cacheDir } = await filled();
    const [home = ''] = readdirSync(cacheDir);
    writeFileSync(join(cacheDir, `${home}.lock`), `${process.ppid} alive`);
    const options = {
      location: withSecret(`${server.url}/r.git`),
      branch: 'main',
      cacheDir,
      limits: { requestMs: 200 },
    };
    const error = await rejection(openSource(options).then((source) => source.fetch()));
    expect([error.problem.code, error.problem.answer]).toEqual(['CacheBusy', 'wait']);
  });
});

describe('a status branch on a remote', () => {
  const options = (): StatusStoreOptions => ({
    location: withSecret(`${server.url}/r.git`),
    branch: 'berth/status',
    author: { name: 'Berth', email: 'berth@example.com' },
    cacheDir: join(folder.path, `cache-${++caches}`),
    clock: { now: () => 1_700_000_000_000, sleep: () => Promise.resolve() },
    random: () => 0,
  });

  it('that a hook protects is refused with the reason, after a few tries', async () => {
    const hook = join(repository.path, 'hooks/update');
    writeFileSync(hook, '#!/bin/sh\necho no >&2\nexit 1\n', { mode: 0o755 });
    const store = await openStatusStore(options());
    const error = await rejection(store.publish(publication({ a: '1' })));
    rmSync(hook);
    expect([error.problem.code, error.problem.answer]).toEqual(['PushRefused', 'stall']);
    expect(error.message).toContain('hook declined');
    expect(repository.tip('berth/status')).toBeNull();
  });

  it('is not written twice when the answer to a push is lost', async () => {
    const { port } = new URL(server.url);
    let lost = 0;
    const address = await scripted((request, response) => {
      const passed = httpRequest(
        { host: '127.0.0.1', port, path: request.url, method: request.method, headers: request.headers },
        (answer) => {
          if (request.method === 'POST' && request.url?.endsWith('receive-pack') === true && lost++ === 0) {
            answer.resume().on('end', () => response.destroy());
          } else {
            response.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(response);
          }
        },
      );
      request.pipe(passed);
    });
    const store = await openStatusStore({ ...options(), location: withSecret(`${address}/r.git`) });
    const revision = await store.publish(publication({ a: '1' }));
    expect([lost, revision]).toEqual([1, repository.tip('berth/status')]);
    expect(repository.git(['rev-list', '--count', 'berth/status'])).toBe('1');
  });
});
