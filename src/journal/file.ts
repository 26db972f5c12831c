import { closeSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { frame, makeFolderOf, readFrom, syncFolder, unframe, withLock } from '../durable/index.js';
import { type Clock, type Journal, JournalDamage, type JournalRecord } from '../ports/index.js';
import { type Chain, follow, nextRecord, START } from './chain.js';

/**
 * A journal in a file, one checksummed record a line. Several processes may have it open: each append takes the file's lock and
 * reads on from where this process stopped, so that sequence and fence hold for all of them. Only an append cuts a torn tail; a reader
 * that comes in the middle of somebody's write leaves it alone. Throws {@link JournalDamage} when the file is damaged.
 */
export function openFileJournal(path: string, clock: Clock): Journal {
  const known: Known = { records: [], chain: START, end: 0 };
  catchUp(path, known);
  return {
    read: async () => {
      await Promise.resolve();
      catchUp(path, known);
      return [...known.records];
    },
    append: async (entry, fence) => {
      await Promise.resolve();
      makeFolderOf(path);
      return withLock(path, () => {
        catchUp(path, known);
        const record = nextRecord(known.chain, entry, fence, clock.now());
        writeAt(path, known.end, frame(record));
        catchUp(path, known);
        return record;
      });
    },
    close: () => Promise.resolve(),
  };
}

/** What this process has read so far; `end` is the offset behind the last good record. */
interface Known {
  readonly records: JournalRecord[];
  chain: Chain;
  end: number;
}

/** Reads what was written behind the records that are known, by this process or another. */
function catchUp(path: string, known: Known): void {
  const bytes = readFrom(path, known.end);
  if (bytes === null && known.end === 0) return;
  if (bytes === null) throw new JournalDamage(damageMessage(path, known, 'the file is gone or became shorter'));
  for (let offset = 0; offset < bytes.length;) {
    const read = unframe(bytes, offset);
    if (read.kind === 'torn') return;
    if (read.kind === 'damaged') throw new JournalDamage(damageMessage(path, known, 'its checksum does not match'));
    const record = read.value as JournalRecord;
    const chain = follow(known.chain, record);
    if (chain === null) throw new JournalDamage(damageMessage(path, known, 'it does not follow the record before it'));
    known.records.push(record);
    known.chain = chain;
    known.end += read.end - offset;
    offset = read.end;
  }
}

function damageMessage(path: string, known: Known, what: string): string {
  return (
    `${path}: record ${known.chain.sequence + 1} (at byte ${known.end}) is damaged: ${what}. ` +
    `Nothing was changed. Look at the machines that moved last and make sure that each runs once; ` +
    `then restore the file from a backup, or move it away to begin a new journal (open moves in it are forgotten).`
  );
}

function writeAt(path: string, end: number, bytes: Buffer): void {
  const file = openSync(path, 'a', 0o600);
  try {
    ftruncateSync(file, end);
    writeSync(file, bytes);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
  if (end === 0) syncFolder(dirname(path));
}
