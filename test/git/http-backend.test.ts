import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareRepository, temporaryFolder } from './bare-repository.js';
import type { BareRepository } from './bare-repository.js';
import type { RepositoryServer } from '../../src/git/index.js';
import { connect } from 'node:net';
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { problemCode } from '../contracts/repository.js';
import { promisify } from 'node:util';
import { serveRepositories } from '../../src/git/index.js';

const folder = temporaryFolder();
let repository: BareRepository;
let server: RepositoryServer;

beforeAll(async () => {
  repository = bareRepository(join(folder.path, 'r.git'));
  repository.setBranch('main', repository.commit(null, { 'vm.yaml': 'a: 1\n' }));
  server = await serveRepositories({ root: folder.path });
});

afterAll(async () => {
  await server.close();
  folder.dispose();
});

const git = (...args: string[]): Promise<{ stdout: string }> =>
  promisify(execFile)('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: folder.path });

/** Ids of all processes that descend from this one and are git's, as the system sees them. */
function gitProcesses(): readonly string[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const processes = lines.map((line) => line.trim().split(/\s+/));
  const found = new Set([`${process.pid}`]);
  for (const parent of found) {
    for (const [pid = '', ppid, name = ''] of processes) if (ppid === parent && name.includes('git')) found.add(pid);
  }
  found.delete(`${process.pid}`);
  return [...found];
}

function areThere(pids: readonly string[]): readonly string[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid='], { encoding: 'utf8' }).split('\n');
  return lines.map((line) => line.trim()).filter((pid) => pids.includes(pid));
}

async function until<T>(look: () => T, isEnough: (found: T) => boolean): Promise<T> {
  for (;;) {
    const found = look();
    if (isEnough(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the server of repositories', () => {
  it('serves clone, fetch and push to git itself, also bodies that come in chunks', async () => {
    await git('clone', '-q', `${server.url}/r.git`, 'clone');
    const noise = Buffer.from(Array.from({ length: 2_000_000 }, (_, n) => (n * n * 31 + (n >> 3) * 7) % 251));
    const tree = repository.rawTree([{ mode: '100644', name: 'noise.bin', oid: repository.blob(noise) }]);
    repository.setBranch('noise', repository.commitTree(tree, []));
    await git('-C', 'clone', 'fetch', '-q', 'origin', 'noise');
    await git('-C', 'clone', '-c', 'http.postBuffer=1000', 'push', '-q', 'origin', 'FETCH_HEAD:refs/heads/pushed');
    expect(repository.tip('pushed')).toBe(repository.tip('noise'));
  });

  it('listens on the loopback interface alone', () => {
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
  });

  it.each(['/..%2f..%2fetc/passwd', '/%00', '/%', '/r.git/../../etc/passwd', '/nothing.git/info/refs', '/'])(
    'answers %j with an error, and lives on',
    async (path) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      let answer = '';
      for await (const chunk of socket) answer += String(chunk);
      expect(answer).toMatch(/^HTTP\/1\.1 [45]\d\d /);
      expect((await fetch(`${server.url}/r.git/info/refs?service=git-upload-pack`)).status).toBe(200);
    },
  );

  it('asks for credentials when it was given some', async () => {
    const guarded = await serveRepositories({ root: folder.path, credentials: { username: 'a', password: 'b' } });
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${guarded.url}/r.git/info/refs?service=git-receive-pack`, { headers })).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: `Basic ${Buffer.from('a:c').toString('base64')}` })).toBe(401);
    expect(await status({ authorization: `Basic ${Buffer.from('a:b').toString('base64')}` })).toBe(200);
    await guarded.close();
  });

  it('closes while requests are under way, and leaves no process', async () => {
    const closing = await serveRepositories({ root: folder.path });
    // Processes of earlier requests may still be on their way out.
    const before = gitProcesses();
    const socket = connect(Number(new URL(closing.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    // A reset connection is an end like any other; `once` would take its error for a fault.
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.resume();
    socket.write(
      'POST /r.git/git-upload-pack HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-git-upload-pack-request\r\nContent-Length: 99\r\n\r\n',
    );
    const own = (): readonly string[] => gitProcesses().filter((pid) => !before.includes(pid));
    const running = await until(own, (found) => found.length >= 3);
    await closing.close();
    await ended;
    // A process that git has only just started may outlive its parent by a moment; one that stays runs into the timeout.
    expect(
      await until(
        () => areThere(running),
        (left) => left.length === 0,
      ),
    ).toEqual([]);
  });

  it('says so when git is not installed', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = folder.path;
    try {
      expect(await problemCode(serveRepositories({ root: folder.path }))).toBe('GitMissing');
    } finally {
      process.env['PATH'] = path;
    }
  });
});
