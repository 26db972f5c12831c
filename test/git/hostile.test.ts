import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareRepository, temporaryFolder } from './bare-repository.js';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { openFolder, openSource, serveRepositories } from '../../src/git/index.js';
import type { BareRepository, RawEntry } from './bare-repository.js';
import { RepositoryError } from '../../src/ports/index.js';
import type { RepositoryServer } from '../../src/git/index.js';
import { join } from 'node:path';
import { problemCode } from '../contracts/repository.js';

const folder = temporaryFolder();
let repository: BareRepository;
let server: RepositoryServer;

beforeAll(async () => {
  repository = bareRepository(join(folder.path, 'r.git'));
  server = await serveRepositories({ root: folder.path });
});

afterAll(async () => {
  await server.close();
  folder.dispose();
});

const PLAIN = '100644';

/** Entries that no ordinary tool commits; `at` is how the message shows the path. */
const hostile: readonly { reason: string; entry: Omit<RawEntry, 'oid'>; code: string; at: string }[] = [
  { reason: 'a symbolic link', entry: { mode: '120000', name: 'vm.yaml' }, code: 'SymlinkInTree', at: 'vm.yaml' },
  { reason: 'a link without suffix', entry: { mode: '120000', name: 'hosts' }, code: 'SymlinkInTree', at: 'hosts' },
  { reason: 'a submodule', entry: { mode: '160000', name: 'vms' }, code: 'SubmoduleInTree', at: 'vms' },
  { reason: 'the parent folder', entry: { mode: '40000', name: '..' }, code: 'UnsafeName', at: '..' },
  { reason: 'the folder itself', entry: { mode: '40000', name: '.' }, code: 'UnsafeName', at: '.' },
  { reason: 'a git folder', entry: { mode: '40000', name: '.git' }, code: 'UnsafeName', at: '.git' },
  { reason: 'a git folder in capitals', entry: { mode: '40000', name: '.GIT' }, code: 'UnsafeName', at: '.GIT' },
  { reason: 'NTFS drops the dot', entry: { mode: '40000', name: '.git.' }, code: 'UnsafeName', at: '.git.' },
  { reason: 'NTFS drops the blanks', entry: { mode: '40000', name: '.git  ' }, code: 'UnsafeName', at: '.git  ' },
  { reason: 'an NTFS stream', entry: { mode: PLAIN, name: '.git::$DATA' }, code: 'UnsafeName', at: '.git::$DATA' },
  { reason: 'an NTFS short name', entry: { mode: '40000', name: 'GIT~1' }, code: 'UnsafeName', at: 'GIT~1' },
  { reason: 'HFS+ drops it', entry: { mode: '40000', name: '.g\u200cit' }, code: 'UnsafeName', at: '.g\\u{200c}it' },
  { reason: 'full-width letters', entry: { mode: '40000', name: '.ｇｉｔ' }, code: 'UnsafeName', at: '.ｇｉｔ' },
  { reason: 'a backslash', entry: { mode: PLAIN, name: 'a\\b.yaml' }, code: 'UnsafeName', at: 'a\\b.yaml' },
  { reason: 'a slash', entry: { mode: PLAIN, name: 'a/b.yaml' }, code: 'UnsafeName', at: 'a/b.yaml' },
  {
    reason: 'an ANSI escape',
    entry: { mode: PLAIN, name: 'a\x1b[2J.yaml' },
    code: 'UnsafeName',
    at: 'a\\u{1b}[2J.yaml',
  },
  { reason: 'a newline', entry: { mode: PLAIN, name: 'a\nb.yaml' }, code: 'UnsafeName', at: 'a\\u{a}b.yaml' },
  {
    reason: 'text turned round',
    entry: { mode: PLAIN, name: 'a\u202eb.yaml' },
    code: 'UnsafeName',
    at: 'a\\u{202e}b.yaml',
  },
  { reason: 'not UTF-8', entry: { mode: PLAIN, name: Buffer.from([0x61, 0xff]) }, code: 'UnsafeName', at: 'a\ufffd' },
  { reason: 'an empty name', entry: { mode: PLAIN, name: '' }, code: 'UnsafeName', at: '' },
  { reason: 'a long name', entry: { mode: PLAIN, name: `${'x'.repeat(300)}.yaml` }, code: 'UnsafeName', at: 'xxx' },
  { reason: 'an unknown mode', entry: { mode: '140000', name: 'pipe.yaml' }, code: 'RepositoryDamaged', at: '140000' },
];

/** Another spelling of `Vm.yaml`, as entries beside it. */
const twins: readonly { reason: string; names: readonly [string, string] }[] = [
  { reason: 'capitals', names: ['Vm.yaml', 'vm.yaml'] },
  { reason: 'composed and decomposed', names: ['caf\u00e9.yaml', 'cafe\u0301.yaml'] },
  { reason: 'sharp s', names: ['strasse.yaml', 'stra\u00dfe.yaml'] },
  { reason: 'the same name twice', names: ['vm.yaml', 'vm.yaml'] },
];

function rejection(location: string, cache: string): Promise<RepositoryError | null> {
  return openSource({ location, branch: 'main', cacheDir: join(folder.path, cache) })
    .then(async (source) => source.tree(await source.fetch()))
    .then(
      () => null,
      (error: unknown) => (error instanceof RepositoryError ? error : Promise.reject(error as Error)),
    );
}

function serveTree(entries: readonly Omit<RawEntry, 'oid'>[], below: string): void {
  const [blob, empty] = [repository.blob('kind: Host\n'), repository.rawTree([])];
  const complete = entries.map((entry) => ({ ...entry, oid: entry.mode === '40000' ? empty : blob }));
  const tree = repository.rawTree(complete);
  const root = below === '' ? tree : repository.rawTree([{ mode: '40000', name: below, oid: tree }]);
  repository.setBranch('main', repository.commitTree(root, []));
}

describe('a tree made by an attacker', () => {
  it.each(hostile)('is refused on disk, and the path is named: $reason', async ({ entry, code, at }) => {
    for (const below of ['', 'inner']) {
      serveTree([entry], below);
      const error = await rejection(repository.path, 'unused');
      expect([error?.problem.code, error?.problem.answer]).toEqual([code, 'stall']);
      expect(error?.message).toContain(below === '' || code === 'RepositoryDamaged' ? at : `${below}/${at}`);
      expect(error?.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  // A submodule's commit is not there to be served, and git's own server refuses an empty name.
  it.each(hostile.filter(({ entry }) => entry.mode !== '160000' && entry.name !== ''))(
    'is refused over http: $reason',
    async ({ entry, code, reason }) => {
      serveTree([entry], '');
      const error = await rejection(`${server.url}/r.git`, reason.replaceAll(/\W/g, '-'));
      expect(error?.problem.code).toBe(code);
    },
  );

  it.each(twins)('with two names for one file is refused: $reason', async ({ names }) => {
    serveTree(
      names.map((name) => ({ mode: PLAIN, name })),
      '',
    );
    expect((await rejection(repository.path, 'unused'))?.problem.code).toBe('NameCollision');
  });

  it('may hold links and submodules in dot-folders, which are not followed', async () => {
    const blob = repository.blob('/etc/passwd');
    const inner = repository.rawTree([{ mode: '120000', name: 'passwd', oid: blob }]);
    const root = repository.rawTree([{ mode: '40000', name: '.simulator', oid: inner }]);
    repository.setBranch('main', repository.commitTree(root, []));
    const source = await openSource({ location: repository.path, branch: 'main', cacheDir: 'unused' });
    const tree = await source.tree(await source.fetch());
    expect(tree.files).toEqual([]);
    expect(await problemCode(tree.readPath('.simulator/passwd'))).toBe('SymlinkInTree');
    expect(await problemCode(tree.readPath('.simulator/passwd/inside'))).toBe('SymlinkInTree');
  });

  it('that is too wide or too deep is refused', async () => {
    const blob = repository.blob('a: 1\n');
    const names = Array.from({ length: 21 }, (_, n) => `f${n + 10}.yaml`);
    repository.setBranch('main', repository.commit(null, Object.fromEntries(names.map((name) => [name, 'a: 1\n']))));
    const limited = await openSource({ location: repository.path, cacheDir: 'unused', limits: { files: 20 } });
    expect(await problemCode(limited.fetch().then((tip) => limited.tree(tip)))).toBe('TooManyFiles');
    let tree = repository.rawTree([{ mode: PLAIN, name: 'vm.yaml', oid: blob }]);
    for (let n = 0; n < 70; n++) tree = repository.rawTree([{ mode: '40000', name: 'd', oid: tree }]);
    repository.setBranch('main', repository.commitTree(tree, []));
    expect((await rejection(repository.path, 'unused'))?.problem.code).toBe('TreeTooDeep');
  });

  it('with a document that is not UTF-8 is refused when that is read', async () => {
    const tree = repository.rawTree([
      { mode: PLAIN, name: 'vm.yaml', oid: repository.blob(Buffer.from([0xff, 0xfe])) },
    ]);
    repository.setBranch('main', repository.commitTree(tree, []));
    const source = await openSource({ location: repository.path, cacheDir: 'unused' });
    const opened = await source.tree(await source.fetch());
    expect(await problemCode(Promise.all(opened.files.map((file) => opened.read(file))))).toBe('NotText');
  });
});

describe('a folder made by an attacker', () => {
  const cases: readonly { reason: string; make: (path: string) => void; code: string }[] = [
    {
      reason: 'a link to a file',
      make: (path) => symlinkSync('/etc/passwd', join(path, 'vm.yaml')),
      code: 'SymlinkInTree',
    },
    { reason: 'a link to a folder', make: (path) => symlinkSync('/etc', join(path, 'vms')), code: 'SymlinkInTree' },
    {
      reason: 'a link that leads nowhere',
      make: (path) => symlinkSync('nowhere', join(path, 'x')),
      code: 'SymlinkInTree',
    },
    {
      reason: 'a repository inside',
      make: (path) => mkdirSync(join(path, 'vms/.git'), { recursive: true }),
      code: 'SubmoduleInTree',
    },
    { reason: 'a disguised .git', make: (path) => mkdirSync(join(path, '.GIT')), code: 'UnsafeName' },
    { reason: 'a backslash', make: (path) => writeFileSync(join(path, 'a\\b.yaml'), ''), code: 'UnsafeName' },
    {
      reason: 'two names for one file',
      make: (path) => {
        writeFileSync(join(path, 'Vm.yaml'), '');
        writeFileSync(join(path, 'vm.yaml'), '');
      },
      code: 'NameCollision',
    },
    {
      reason: 'a large file',
      make: (path) => writeFileSync(join(path, 'vm.yaml'), Buffer.alloc(1024 * 1024 + 1)),
      code: 'FileTooLarge',
    },
  ];

  it.each(cases)('is refused: $reason', async ({ reason, make, code }) => {
    const path = join(folder.path, `folder-${reason.replaceAll(/\W/g, '-')}`);
    mkdirSync(path);
    make(path);
    const source = await openFolder(path);
    expect(await problemCode(source.tree('folder'))).toBe(code);
  });

  it('with a pipe in place of a document is read without waiting for the pipe', async () => {
    const path = join(folder.path, 'folder-with-pipe');
    mkdirSync(path);
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', join(path, 'vm.yaml')]);
    const source = await openFolder(path);
    expect(await problemCode(source.tree('folder'))).toBe('NotAFile');
  });

  it('that changes while it is read is read again later', async () => {
    const path = join(folder.path, 'folder-that-changes');
    mkdirSync(path);
    writeFileSync(join(path, 'vm.yaml'), 'a: 1\n');
    const tree = await (await openFolder(path)).tree('folder');
    writeFileSync(join(path, 'vm.yaml'), 'a: 2\n');
    const error = await Promise.all(tree.files.map((file) => tree.read(file))).catch((thrown: unknown) => thrown);
    expect(error instanceof RepositoryError && [error.problem.code, error.problem.answer]).toEqual([
      'SourceChanged',
      'retry',
    ]);
  });

  it('that is not there is refused', async () => {
    expect(await problemCode(openFolder(join(folder.path, 'absent')))).toBe('FolderMissing');
  });
});
