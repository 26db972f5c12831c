import { closeSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { frame, makeFolderOf, readFrom, replaceFile, syncFolder, unframe, withLock } from '../durable/index.js';
import { type Clock, type Journal, JournalDamage, type JournalRecord } from '../ports/index.js';
import { type Chain, compacted, follow, type Kept, nextRecord, START } from './chain.js';

/** From this size on a journal is rewritten: every pass reads it whole. */
const LARGE_BYTES = 4 * 1024 * 1024;

/**
 * A journal in a file, one checksummed record a line. Several processes may have it open: each append takes the file's lock and
 * reads on from where this process stopped, so that sequence and fence hold for all of them. Only an append cuts a torn tail; a reader
 * that comes in the middle of somebody's write leaves it alone. Throws {@link JournalDamage} when the file is damaged.
 */
export function openFileJournal(path: string, clock: Clock, largeBytes = LARGE_BYTES): Journal {
  const known = nothingKnown();
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
    compact: async (keep, fence) => {
      await Promise.resolve();
      makeFolderOf(path);
      withLock(path, () => {
        catchUp(path, known);
        const { kept, mark } = compacted(known.records, keep, { chain: known.chain, fence, at: clock.now() });
        if (known.end <= largeBytes) return;
        const bytes = Buffer.concat([frame(kept), frame(mark)]);
        // A journal that is large because much is open would be written again and again for little.
        if (bytes.length <= known.end / 2) replaceFile(path, bytes);
      });
    },
    close: () => Promise.resolve(),
  };
}

/** What this process has read so far. */
interface Known {
  records: JournalRecord[];
  chain: Chain;
  /** Offset behind the last good record. */
  end: number;
  /** How the file begins: it differs after a compaction. */
  head: Buffer;
  /** The records up to this sequence were compacted. */
  compactedTo: number;
}

function nothingKnown(): Known {
  return { records: [], chain: START, end: 0, head: Buffer.alloc(0), compactedTo: 0 };
}

/** Long enough for the first record's checksum. */
const HEAD_BYTES = 64;

/** Reads what was written behind the records that are known, by this process or another. */
function catchUp(path: string, known: Known): void {
  const bytes = readFrom(path, known.end, known.head);
  if (bytes !== null) takeIn(path, known, bytes);
  else if (known.end > 0) beginAnew(path, known);
}

/** Another file has taken the journal's place. That is in order when it was compacted after the last record that is known. */
function beginAnew(path: string, known: Known): void {
  const fresh = nothingKnown();
  takeIn(path, fresh, readFrom(path, 0) ?? Buffer.alloc(0));
  if (fresh.compactedTo < known.chain.sequence)
    throw new JournalDamage(damageMessage(path, known, 'the file is gone, became shorter or is another one'));
  Object.assign(known, fresh);
}

function takeIn(path: string, known: Known, bytes: Buffer): void {
  for (let offset = 0; offset < bytes.length;) {
    const read = unframe(bytes, offset);
    if (read.kind === 'torn') return;
    if (read.kind === 'damaged') throw new JournalDamage(damageMessage(path, known, 'its checksum does not match'));
    if (known.end === 0) known.head = Buffer.from(bytes.subarray(0, HEAD_BYTES));
    add(path, known, read.value as JournalRecord | Kept);
    known.end += read.end - offset;
    offset = read.end;
  }
}

function add(path: string, known: Known, record: JournalRecord | Kept): void {
  if (record.kind === 'kept' && known.end === 0) {
    known.records.push(...record.records);
    known.chain = { sequence: record.sequence, fence: record.fence };
    known.compactedTo = record.sequence;
    return;
  }
  const chain = record.kind === 'kept' ? null : follow(known.chain, record);
  if (record.kind === 'kept' || chain === null)
    throw new JournalDamage(damageMessage(path, known, 'it does not follow the record before it'));
  known.records.push(record);
  known.chain = chain;
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
