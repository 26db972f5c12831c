import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryJournal, openFileJournal } from '../../src/journal/index.js';
import { type JournalRecord, JournalDamage } from '../../src/ports/index.js';
import { handClock, journalContract } from '../contracts/journal.js';
import { temporaryFolder } from '../durable/folder.js';

journalContract('in memory', {
  open: (clock) => {
    const records: JournalRecord[] = [];
    return { journal: memoryJournal(clock, records, 0), reopen: () => memoryJournal(clock, records, 0) };
  },
});

journalContract('in a file', {
  open: (clock) => {
    const path = join(temporaryFolder(), 'deep', 'journal.ndjson');
    return { journal: openFileJournal(path, clock, 0), reopen: () => openFileJournal(path, clock, 0) };
  },
});

/** A journal file with a few records, its bytes, and the offset behind each record. */
async function written(): Promise<{ path: string; bytes: Buffer; ends: number[] }> {
  const path = join(temporaryFolder(), 'journal.ndjson');
  const journal = openFileJournal(path, handClock());
  for (const by of ['ann', 'zoë\n', 'böb', 'cid']) await journal.append({ kind: 'unlocked', by }, 1);
  const bytes = readFileSync(path);
  const ends = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([offset]) => offset + 1);
  return { path, bytes, ends };
}

async function namesIn(path: string): Promise<string[]> {
  const records = await openFileJournal(path, handClock()).read();
  return records.map((record) => (record.kind === 'unlocked' ? record.by : '?'));
}

const names = ['ann', 'zoë\n', 'böb', 'cid'];

describe('a journal file', () => {
  it('is valid JSON, one record a line', async () => {
    const { bytes } = await written();
    const lines = bytes.toString('utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { value: { by: string } }).value.by)).toEqual(names);
  });

  it('promise 8 (security.md): cut at any byte it keeps exactly the whole records, and goes on from there', async () => {
    const { path, bytes, ends } = await written();
    for (let cut = 0; cut <= bytes.length; cut++) {
      writeFileSync(path, bytes.subarray(0, cut));
      const whole = names.slice(0, ends.filter((end) => end <= cut).length);
      expect(await namesIn(path), `cut at ${cut}`).toEqual(whole);
      await openFileJournal(path, handClock()).append({ kind: 'unlocked', by: 'next' }, 1);
      expect(await namesIn(path), `cut at ${cut}, appended`).toEqual([...whole, 'next']);
    }
  });

  it('promise 8 (security.md): with any byte flipped it gives an exact prefix or stops; only the last record may be lost', async () => {
    const { path, bytes, ends } = await written();
    const lastStart = ends.at(-2) ?? 0;
    for (let offset = 0; offset < bytes.length; offset++) {
      for (const mask of [0x01, 0x41, 0xff]) {
        const flipped = Buffer.from(bytes);
        flipped[offset] = (flipped[offset] ?? 0) ^ mask;
        writeFileSync(path, flipped);
        const read = await namesIn(path).catch((error: unknown) => error);
        if (offset < lastStart) expect(read, `flip ${mask} at ${offset}`).toBeInstanceOf(JournalDamage);
        else if (Array.isArray(read)) expect(read, `flip ${mask} at ${offset}`).toEqual(names.slice(0, 3));
        else expect(read, `flip ${mask} at ${offset}`).toBeInstanceOf(JournalDamage);
      }
    }
  });

  it('names file, record and what to do when a record in the middle is damaged, and leaves the file as it is', async () => {
    const { path, bytes, ends } = await written();
    const flipped = Buffer.from(bytes);
    flipped[(ends[0] ?? 0) + 60] = 0;
    writeFileSync(path, flipped);
    await expect(openFileJournal(path, handClock()).read()).rejects.toThrow(
      /journal\.ndjson: record 2 .*restore the file from a backup/,
    );
    expect(readFileSync(path)).toEqual(flipped);
  });

  it('stops when records that are intact stand in the wrong order or one is missing', async () => {
    const { path, bytes, ends } = await written();
    const record = (n: number) => bytes.subarray(n === 0 ? 0 : ends[n - 1], ends[n]);
    writeFileSync(path, Buffer.concat([record(0), record(2), record(3)]));
    await expect(openFileJournal(path, handClock()).read()).rejects.toThrow(JournalDamage);
    writeFileSync(path, Buffer.concat([record(1), record(0)]));
    await expect(openFileJournal(path, handClock()).read()).rejects.toThrow(JournalDamage);
  });

  it('does not cut the tail for a reader, since a writer may be in the middle of it', async () => {
    const { path, bytes } = await written();
    appendFileSync(path, bytes.subarray(0, 30));
    expect(await namesIn(path)).toEqual(names);
    expect(readFileSync(path).length).toBe(bytes.length + 30);
  });

  it('refuses to go on when the file became shorter under it', async () => {
    const { path, bytes, ends } = await written();
    const journal = openFileJournal(path, handClock());
    await journal.read();
    writeFileSync(path, bytes.subarray(0, ends[1]));
    await expect(journal.append({ kind: 'unlocked', by: 'x' }, 1)).rejects.toBeInstanceOf(JournalDamage);
  });
});

/** A journal file of 40 records, of which `zoë` and whoever comes last are needed. */
async function grown(): Promise<string> {
  const path = join(temporaryFolder(), 'journal.ndjson');
  const journal = openFileJournal(path, handClock());
  for (let n = 1; n < 40; n++) await journal.append({ kind: 'unlocked', by: n === 7 ? 'zoë' : 'ann' }, 1);
  await journal.append({ kind: 'unlocked', by: 'cid' }, 1);
  return path;
}

const needed = (records: readonly JournalRecord[]) =>
  records.filter((record) => record.kind === 'unlocked' && record.by !== 'ann');

describe('a journal file that is compacted', () => {
  it('is left alone while it is small, and when little would be gained', async () => {
    const path = await grown();
    const before = readFileSync(path);
    await openFileJournal(path, handClock()).compact(needed, 1);
    expect(readFileSync(path)).toEqual(before);
    await openFileJournal(path, handClock(), before.length - 1).compact((records) => records.slice(10), 1);
    expect(readFileSync(path)).toEqual(before);
    await openFileJournal(path, handClock(), before.length - 1).compact(needed, 1);
    expect(readFileSync(path).length).toBeLessThan(before.length / 2);
  });

  it('loses nothing when the process is killed before the new file takes its place', async () => {
    const path = await grown();
    const before = readFileSync(path);
    const script = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
      const [module, path] = process.argv.slice(1);
      const { openFileJournal } = await import(module);
      fs.renameSync = () => process.kill(process.pid, 'SIGKILL'); syncBuiltinESMExports();
      await openFileJournal(path, { now: () => 1 }, 0).compact(() => [], 1);`;
    const module = new URL('../../dist/journal/index.js', import.meta.url).href;
    const killed = spawnSync(process.execPath, ['--input-type=module', '-e', script, module, path]);
    expect(killed.signal, killed.stderr.toString()).toBe('SIGKILL');
    expect(readFileSync(path)).toEqual(before);
    expect(existsSync(`${path}.next`)).toBe(true);
    const next = openFileJournal(path, handClock(), 0);
    await next.compact(needed, 1);
    expect(await namesIn(path)).toEqual(['zoë', 'cid', '?']);
  });

  it('stops with any byte flipped before its last record, which repeats nothing', async () => {
    const path = await grown();
    await openFileJournal(path, handClock(), 0).compact(needed, 1);
    const bytes = readFileSync(path);
    const lastStart = bytes.indexOf('\n') + 1;
    for (let offset = 0; offset < bytes.length; offset++) {
      const flipped = Buffer.from(bytes);
      flipped[offset] = (flipped[offset] ?? 0) ^ 0x41;
      writeFileSync(path, flipped);
      const read = await namesIn(path).catch((error: unknown) => error);
      if (offset >= lastStart && Array.isArray(read)) expect(read, `flip at ${offset}`).toEqual(['zoë', 'cid']);
      else expect(read, `flip at ${offset}`).toBeInstanceOf(JournalDamage);
    }
  });

  it('is damaged when records are missing between what was kept and what follows', async () => {
    const path = await grown();
    const journal = openFileJournal(path, handClock(), 0);
    await journal.compact(needed, 1);
    await journal.append({ kind: 'unlocked', by: 'dan' }, 1);
    const [kept = '', , last = ''] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${kept}\n${last}\n`);
    await expect(openFileJournal(path, handClock()).read()).rejects.toThrow(JournalDamage);
  });

  it('is not confused with an older file that somebody puts in its place', async () => {
    const path = await grown();
    const before = readFileSync(path);
    const journal = openFileJournal(path, handClock(), 0);
    await journal.compact(needed, 1);
    await journal.read();
    writeFileSync(path, before);
    await expect(journal.read()).rejects.toBeInstanceOf(JournalDamage);
  });
});
