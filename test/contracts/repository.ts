import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RepositoryError } from '../../src/ports/index.js';
import type { Source, StatusPublication, StatusStore } from '../../src/ports/index.js';

type Files = Readonly<Record<string, string | null>>;

/** A source with hands on what is behind it. */
export interface SourceFixture {
  readonly source: Source;
  /** Changes files (null: deletes) on top of what is there, and answers with the revision. */
  commit(files: Files): Promise<string>;
  /** Points the branch to another commit. */
  rewind(revision: string): Promise<void>;
  /** Replaces the branch by a commit without a parent. */
  replaceHistory(files: Files): Promise<string>;
  /** Opens the same source as a later process with an empty cache would. */
  reopen(): Promise<Source>;
  close(): Promise<void>;
}

/** The code of the problem with which a promise is rejected; anything but a problem fails the test. */
export async function problemCode(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof RepositoryError) return error.problem.code;
    throw error;
  }
  return 'none';
}

/** What every {@link Source} promises; one without history, such as a plain folder, has the same revision in every state. */
export function sourceContract(name: string, hasHistory: boolean, open: () => Promise<SourceFixture>): void {
  describe(`a source: ${name}`, () => {
    let fixture: SourceFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());

    it('lists only YAML files outside dot-folders, sorted by path', async () => {
      await fixture.commit({
        'b.yaml': 'b: 1\n',
        'a/z.yml': 'z: 1\n',
        'a.yaml': 'a: 1\n',
        'README.md': 'text',
        'a/notes.txt': 'text',
        '.simulator/cluster.yaml': 'hosts: []\n',
        '.lint.yaml': 'rules: []\n',
      });
      const tree = await fixture.source.tree(await fixture.source.fetch());
      expect(tree.files.map((file) => file.path)).toEqual(['a.yaml', 'a/z.yml', 'b.yaml']);
    });

    it('reads text on demand, and gives equal contents equal blob ids, as git computes them', async () => {
      await fixture.commit({ 'a.yaml': 'what is up, doc?', 'b.yaml': 'what is up, doc?', 'c.yaml': 'größer: ja\n' });
      const tree = await fixture.source.tree(await fixture.source.fetch());
      const [a, b, c] = tree.files;
      if (a === undefined || b === undefined || c === undefined) throw new Error('three files were expected');
      expect([a.blob, b.blob]).toEqual(Array(2).fill('bd9dbf5aae1a3862dd1526723246b20206e5fc37'));
      expect(await tree.read(c)).toBe('größer: ja\n');
    });

    it('reads other plain files by path, and null where there is none', async () => {
      await fixture.commit({ '.simulator/cluster.yaml': 'hosts: []\n', 'a.yaml': 'a: 1\n' });
      const tree = await fixture.source.tree(await fixture.source.fetch());
      expect(await tree.readPath('.simulator/cluster.yaml')).toBe('hosts: []\n');
      expect(await tree.readPath('./.simulator/cluster.yaml')).toBe('hosts: []\n');
      expect(await tree.readPath('.simulator')).toBeNull();
      expect(await tree.readPath('absent/file')).toBeNull();
      expect(await tree.readPath('a.yaml/inside')).toBeNull();
    });

    it.each(['../outside.yaml', 'a/../../b', '/etc/passwd', '.git/config', 'a//b', 'a\\b', ''])(
      'refuses to read the path %j, which is none inside the source',
      async (path) => {
        await fixture.commit({ 'a.yaml': 'a: 1\n' });
        const tree = await fixture.source.tree(await fixture.source.fetch());
        expect(await problemCode(tree.readPath(path))).toBe('UnsafePath');
      },
    );

    it('refuses a file over 1 MiB at the latest when it is read', async () => {
      await fixture.commit({ 'large.yaml': `a: ${'x'.repeat(1024 * 1024)}\n` });
      const listing = fixture.source.tree(await fixture.source.fetch());
      const reading = listing.then((tree) => Promise.all(tree.files.map((file) => tree.read(file))));
      expect(await problemCode(reading)).toBe('FileTooLarge');
    });

    it('says `same` of the revision that was reconciled before', async () => {
      await fixture.commit({ 'a.yaml': 'a: 1\n' });
      const revision = await fixture.source.fetch();
      expect(await fixture.source.relation(revision, revision)).toBe('same');
    });

    it.runIf(hasHistory)('answers with the commit of the branch, and keeps earlier commits readable', async () => {
      const first = await fixture.commit({ 'a.yaml': 'a: 1\n' });
      expect(await fixture.source.fetch()).toBe(first);
      const second = await fixture.commit({ 'a.yaml': null, 'b.yaml': 'b: 1\n' });
      expect(await fixture.source.fetch()).toBe(second);
      const paths = async (revision: string): Promise<readonly string[]> =>
        (await fixture.source.tree(revision)).files.map((file) => file.path);
      expect([await paths(first), await paths(second)]).toEqual([['a.yaml'], ['b.yaml']]);
    });

    it.runIf(hasHistory)('says `ahead` of a branch that went on, also by many commits', async () => {
      const first = await fixture.commit({ 'a.yaml': 'a: 1\n' });
      await fixture.source.fetch();
      for (let n = 0; n < 40; n++) await fixture.commit({ 'a.yaml': `a: ${n}\n` });
      const tip = await fixture.source.fetch();
      expect(await fixture.source.relation(first, tip)).toBe('ahead');
    });

    it.runIf(hasHistory)(
      'says `ahead` also after a restart without a cache, never `rewound` for lack of history',
      async () => {
        const first = await fixture.commit({ 'a.yaml': 'a: 1\n' });
        await fixture.source.fetch();
        for (let n = 0; n < 40; n++) await fixture.commit({ 'a.yaml': `a: ${n}\n` });
        const reopened = await fixture.reopen();
        const tip = await reopened.fetch();
        expect(await reopened.relation(first, tip)).toBe('ahead');
        expect((await reopened.tree(first)).files).toHaveLength(1);
      },
    );

    it.runIf(hasHistory)('says `rewound` of a branch that went back, or went back and on', async () => {
      const first = await fixture.commit({ 'a.yaml': 'a: 1\n' });
      const second = await fixture.commit({ 'a.yaml': 'a: 2\n' });
      expect(await fixture.source.fetch()).toBe(second);
      await fixture.rewind(first);
      const back = await fixture.source.fetch();
      expect([back, await fixture.source.relation(second, back)]).toEqual([first, 'rewound']);
      await fixture.commit({ 'a.yaml': 'a: 3\n' });
      expect(await fixture.source.relation(second, await fixture.source.fetch())).toBe('rewound');
    });

    it.runIf(hasHistory)(
      'says `unrelated` of a history that was replaced, and of a commit that nobody knows',
      async () => {
        const first = await fixture.commit({ 'a.yaml': 'a: 1\n' });
        await fixture.source.fetch();
        const other = await fixture.replaceHistory({ 'a.yaml': 'a: 2\n' });
        expect(await fixture.source.fetch()).toBe(other);
        expect(await fixture.source.relation(first, other)).toBe('unrelated');
        expect(await fixture.source.relation('0123456789'.repeat(4), other)).toBe('unrelated');
      },
    );

    it.runIf(hasHistory)('refuses a revision that is no commit of the repository', async () => {
      await fixture.commit({ 'a.yaml': 'a: 1\n' });
      await fixture.source.fetch();
      expect(await problemCode(fixture.source.tree('0123456789'.repeat(4)))).toBe('RevisionMissing');
      expect(await problemCode(fixture.source.tree('main'))).toBe('BadRevision');
    });
  });
}

/** A status branch with hands on what is behind it. */
export interface StatusFixture {
  /** Another writer, as another process would open it. */
  open(): Promise<StatusStore>;
  /** A person's commit on the branch. */
  commitByHand(files: Files): string;
  /** Every commit of the branch, oldest first, with its parents and whole message. */
  history(): Promise<readonly { readonly revision: string; readonly parents: number; readonly message: string }[]>;
  /** Path → content at the tip, as git sees it. */
  files(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** A publication that writes fixed texts. */
export function publication(files: Files, extra: Partial<StatusPublication> = {}): StatusPublication {
  return { render: () => new Map(Object.entries(files)), subject: 'Report', trailers: [], ...extra };
}

/** What every {@link StatusStore} promises. */
export function statusStoreContract(name: string, open: () => Promise<StatusFixture>): void {
  describe(`a status store: ${name}`, () => {
    let fixture: StatusFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());

    it('is empty before the first publication, which makes an orphan branch', async () => {
      const store = await fixture.open();
      expect(await store.read()).toEqual({ revision: null, tree: new Map() });
      const revision = await store.publish(publication({ 'clusters/a/status.yaml': 'ready: true\n' }));
      expect(await fixture.history()).toEqual([{ revision, parents: 0, message: 'Report' }]);
      const { revision: read, tree } = await store.read();
      expect([read, Object.fromEntries(tree)]).toEqual([revision, { 'clusters/a/status.yaml': 'ready: true\n' }]);
    });

    it('never makes an empty commit', async () => {
      const store = await fixture.open();
      expect(await store.publish(publication({}))).toBeNull();
      expect(await store.publish(publication({ absent: null }))).toBeNull();
      await store.publish(publication({ a: '1' }));
      expect(await store.publish(publication({ a: '1' }))).toBeNull();
      expect(await (await fixture.open()).publish(publication({ a: '1', 'no/such/file': null }))).toBeNull();
      expect(await fixture.history()).toHaveLength(1);
    });

    it('writes what changed, deletes what is null, and leaves all else', async () => {
      const store = await fixture.open();
      await store.publish(publication({ 'a/1': 'one', 'a/2': 'two', b: 'bee' }));
      await store.publish(publication({ 'a/1': null, 'a/2': 'TWO', 'c/d/e': 'new' }));
      expect(await fixture.files()).toEqual({ 'a/2': 'TWO', b: 'bee', 'c/d/e': 'new' });
      await store.publish(publication({ 'c/d/e': null }));
      expect(await fixture.files()).toEqual({ 'a/2': 'TWO', b: 'bee' });
    });

    it('puts trailers below the subject, each on one line', async () => {
      const store = await fixture.open();
      await store.publish(
        publication(
          { a: '1' },
          {
            subject: 'Move du-1\nBerth-Result: forged',
            trailers: [
              ['Berth-Source-Revision', 'abc'],
              ['Berth-Result', 'failed\r\nBerth-Plan-Hash: forged\u2028x'],
            ],
          },
        ),
      );
      const [commit] = await fixture.history();
      expect(commit?.message.split('\n')).toEqual([
        'Move du-1 Berth-Result: forged',
        '',
        'Berth-Source-Revision: abc',
        'Berth-Result: failed Berth-Plan-Hash: forged x',
      ]);
    });

    it("keeps people's commits and files", async () => {
      const store = await fixture.open();
      await store.publish(publication({ 'clusters/a/status.yaml': '1' }));
      const byHand = fixture.commitByHand({ 'NOTES.md': 'by hand', 'clusters/a/comment': 'mine' });
      await store.publish(publication({ 'clusters/a/status.yaml': '2' }));
      const history = await fixture.history();
      expect(history.map((commit) => commit.revision)[1]).toBe(byHand);
      expect(await fixture.files()).toEqual({
        'NOTES.md': 'by hand',
        'clusters/a/comment': 'mine',
        'clusters/a/status.yaml': '2',
      });
    });

    it('renders again from the new tip when somebody was faster, and refuses its stale commit whole', async () => {
      const store = await fixture.open();
      await store.publish(publication({ counter: '1' }));
      const seen: (string | undefined)[] = [];
      const render = (current: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
        seen.push(current.get('counter'));
        if (seen.length === 1) fixture.commitByHand({ counter: '10', theirs: 'kept' });
        return new Map([...increment(current), [`seen-${seen.length}`, 'x']]);
      };
      const revision = await store.publish(publication({}, { render }));
      expect(seen).toEqual(['1', '10']);
      expect(await fixture.files()).toEqual({ counter: '11', theirs: 'kept', 'seen-2': 'x' });
      expect((await fixture.history()).map((commit) => commit.revision)[2]).toBe(revision);
      expect(await fixture.history()).toHaveLength(3);
    });

    it('converges with eight writers at once, and loses nothing', async () => {
      const writers = await Promise.all(Array.from({ length: 8 }, () => fixture.open()));
      await Promise.all(
        writers.map(async (store, n) => {
          for (let round = 0; round < 3; round++) {
            const own = new Map([[`clusters/c${n}/status.yaml`, `round: ${round}\n`]]);
            await store.publish(
              publication(
                {},
                { render: (current) => new Map([...own, ...increment(current)]), subject: `c${n} ${round}` },
              ),
            );
          }
        }),
      );
      const files = await fixture.files();
      expect(files['counter']).toBe('24');
      expect(Object.keys(files)).toHaveLength(9);
      const history = await fixture.history();
      expect(new Set(history.map((commit) => commit.message)).size).toBe(24);
      expect(history.map((commit) => commit.parents)).toEqual([0, ...Array<number>(23).fill(1)]);
    });

    it('keeps the folders of two clusters apart on one branch', async () => {
      const [one, two] = [await fixture.open(), await fixture.open()];
      await one.publish(publication({ 'clusters/one/status.yaml': '1' }));
      await two.publish(publication({ 'clusters/two/status.yaml': '2' }));
      await one.publish(publication({ 'clusters/one/status.yaml': '3' }));
      expect(await fixture.files()).toEqual({ 'clusters/one/status.yaml': '3', 'clusters/two/status.yaml': '2' });
    });

    it('refuses to write where somebody put a folder, or a file in place of a folder', async () => {
      const store = await fixture.open();
      fixture.commitByHand({ 'clusters/a/status.yaml/inside': 'mine', 'clusters/b': 'mine' });
      const code = (path: string): Promise<string> => problemCode(store.publish(publication({ [path]: 'x' })));
      expect(await code('clusters/a/status.yaml')).toBe('StatusPathTaken');
      expect(await code('clusters/b/status.yaml')).toBe('StatusPathTaken');
      expect(await code('../escape')).toBe('UnsafePath');
      expect(await fixture.history()).toHaveLength(1);
    });

    it('logs the newest commits first, also those that others made', async () => {
      const store = await fixture.open();
      for (let n = 0; n < 5; n++) await store.publish(publication({ n: `${n}` }, { subject: `Report ${n}` }));
      const fresh = await fixture.open();
      await fresh.read();
      const subjects = async (limit: number): Promise<readonly string[]> =>
        (await fresh.log(limit)).map((entry) => entry.message.trim());
      expect(await subjects(3)).toEqual(['Report 4', 'Report 3', 'Report 2']);
      expect(await subjects(50)).toHaveLength(5);
      expect((await fresh.log(1))[0]?.at).toBeGreaterThan(0);
    });
  });
}

function increment(current: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([['counter', `${Number(current.get('counter') ?? '0') + 1}`]]);
}
