import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { bareRepository, temporaryFolder } from './bare-repository.js';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { openSource, openStatusStore } from '../../src/git/index.js';
import { problemCode, publication } from '../contracts/repository.js';
import type { BareRepository } from './bare-repository.js';
import type { StatusStore } from '../../src/ports/index.js';
import { dirname, join } from 'node:path';

const folder = temporaryFolder();
let repository: BareRepository;
let count = 0;

beforeEach(() => {
  repository = bareRepository(join(folder.path, `r${++count}.git`));
});
afterAll(folder.dispose);

const STATUS = 'berth/status';
const LOCK = 'refs/heads/berth/status.lock';

function openStore(location = repository.path): Promise<StatusStore> {
  return openStatusStore({
    location,
    branch: STATUS,
    author: { name: 'Be\nrth <x>', email: 'berth@example.com>\n' },
    cacheDir: 'unused',
    clock: { now: () => 1_700_000_000_000, sleep: () => Promise.resolve() },
    random: () => 0,
  });
}

describe('a repository on disk', () => {
  it("keeps out of git's way: a ref that git has locked is not written", async () => {
    const store = await openStore();
    const lock = join(repository.path, LOCK);
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(lock, '');
    expect(await problemCode(store.publish(publication({ a: '1' })))).toBe('PushContended');
    expect(existsSync(lock)).toBe(true);
    rmSync(lock);
    expect(await store.publish(publication({ a: '1' }))).toBe(repository.tip(STATUS));
    expect(existsSync(lock)).toBe(false);
  });

  it('is found sound by git after publications', async () => {
    const store = await openStore();
    for (let n = 0; n < 5; n++) await store.publish(publication({ 'a/b': `${n}`, 'a.b': 'x', 'a-b/c': `${n}` }));
    expect(repository.git(['fsck', '--strict', '--no-dangling'])).toBe('');
    expect(repository.git(['log', '-1', '--format=%an|%ae|%at', STATUS])).toBe('Be rth x|berth@example.com|1700000000');
    const names = readdirSync(repository.path, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('keeps what people put on the status branch byte by byte: links, submodules, names that are not UTF-8', async () => {
    const blob = repository.blob('x');
    const entries = [
      { mode: '120000', name: 'link', oid: blob },
      { mode: '100755', name: 'run', oid: blob },
      { mode: '160000', name: 'sub', oid: 'a'.repeat(40) },
      { mode: '100644', name: Buffer.from([0x7a, 0xff]), oid: repository.blob(Buffer.from([0xff])) },
    ];
    repository.setBranch(STATUS, repository.commitTree(repository.rawTree(entries), []));
    const before = repository.git(['ls-tree', STATUS]).split('\n');
    const store = await openStore();
    expect([...(await store.read()).tree.keys()]).toEqual(['run']);
    await store.publish(publication({ 'clusters/a': '1' }));
    expect(repository.git(['ls-tree', STATUS]).split('\n')).toEqual(expect.arrayContaining(before));
    expect(await problemCode(store.publish(publication({ link: '1' })))).toBe('StatusPathTaken');
    expect(await problemCode(store.publish(publication({ 'link/inside': '1' })))).toBe('StatusPathTaken');
    expect(await problemCode(store.publish(publication({ sub: '1' })))).toBe('StatusPathTaken');
  });

  it('refuses a status branch whose folder is the name of another branch', async () => {
    repository.setBranch('berth', repository.commit(null, { a: '1' }));
    expect(await problemCode((await openStore()).publish(publication({ a: '1' })))).toBe('BranchInTheWay');
  });

  it('reads the branch that HEAD names, a detached HEAD, and says so when there is no commit', async () => {
    const source = await openSource({ location: repository.path, cacheDir: 'unused' });
    expect(await problemCode(source.fetch())).toBe('BranchMissing');
    const first = repository.commit(null, { 'a.yaml': '1' });
    repository.setBranch('main', first);
    expect(await source.fetch()).toBe(first);
    const second = repository.commit(first, { 'a.yaml': '2' });
    repository.git(['update-ref', '--no-deref', 'HEAD', second]);
    writeFileSync(join(repository.path, 'HEAD'), `${second}\n`);
    expect(await source.fetch()).toBe(second);
  });

  it('is also found from a linked work tree', async () => {
    const tip = repository.commit(null, { 'a.yaml': '1' });
    repository.setBranch('main', tip);
    const linked = join(folder.path, `linked${count}`);
    repository.git(['worktree', 'add', '-q', linked, 'main']);
    const source = await openSource({ location: linked, branch: 'main', cacheDir: 'unused' });
    expect((await source.tree(await source.fetch())).files.map((file) => file.path)).toEqual(['a.yaml']);
  });

  it('can be read below a folder, which then is the root of all paths', async () => {
    const tip = repository.commit(null, { 'site/vm.yaml': '1', 'site/.simulator/c.yaml': '2', 'other.yaml': '3' });
    repository.setBranch('main', tip);
    const source = await openSource({ location: repository.path, path: 'site', cacheDir: 'unused' });
    const tree = await source.tree(tip);
    expect(tree.files.map((file) => file.path)).toEqual(['vm.yaml']);
    expect(await tree.readPath('.simulator/c.yaml')).toBe('2');
    const open = (path: string): Promise<unknown> =>
      openSource({ location: repository.path, path, cacheDir: 'unused' }).then((opened) => opened.tree(tip));
    expect(await problemCode(open('absent'))).toBe('PathMissing');
    expect(await problemCode(open('../site'))).toBe('UnsafePath');
  });

  it('does not read again what did not change between two commits', async () => {
    const first = repository.commit(null, { 'still/a.yaml': '1', 'busy/b.yaml': '1' });
    const second = repository.commit(first, { 'busy/b.yaml': '2' });
    const source = await openSource({ location: repository.path, cacheDir: 'unused' });
    await source.tree(first);
    const still = repository.git(['rev-parse', `${first}:still`]);
    rmSync(join(repository.path, 'objects', still.slice(0, 2), still.slice(2)));
    expect((await source.tree(second)).files.map((file) => file.path)).toEqual(['busy/b.yaml', 'still/a.yaml']);
  });

  it.each([
    { reason: 'SHA-256', config: '[extensions]\n\tobjectFormat = sha256\n' },
    { reason: 'reftable', config: '[extensions]\n\trefStorage = reftable\n' },
    { reason: 'a partial clone', config: '[extensions]\n\tpartialClone = origin\n' },
  ])('in a format that cannot be read is refused: $reason', async ({ config }) => {
    writeFileSync(join(repository.path, 'config'), config);
    expect(await problemCode(openSource({ location: repository.path, cacheDir: 'unused' }))).toBe(
      'UnsupportedRepository',
    );
  });

  it('that borrows objects is refused', async () => {
    writeFileSync(join(repository.path, 'objects/info/alternates'), '/elsewhere\n');
    expect(await problemCode(openSource({ location: repository.path, cacheDir: 'unused' }))).toBe(
      'UnsupportedRepository',
    );
  });

  it('that is damaged is reported, and never repaired', async () => {
    const tip = repository.commit(null, { 'a.yaml': '1' });
    repository.setBranch('main', tip);
    const tree = repository.git(['rev-parse', `${tip}^{tree}`]);
    const object = join(repository.path, 'objects', tree.slice(0, 2), tree.slice(2));
    rmSync(object);
    const source = await openSource({ location: repository.path, cacheDir: 'unused' });
    expect(await problemCode(source.tree(tip))).toBe('RepositoryDamaged');
    writeFileSync(object, 'garbage');
    expect(await problemCode(source.tree(tip))).toBe('RepositoryDamaged');
    expect(readFileSync(object, 'utf8')).toBe('garbage');
  });

  it('that is not there is refused for status', async () => {
    expect(await problemCode(openStore(join(folder.path, 'absent')))).toBe('RepositoryMissing');
  });
});
