import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { InputError, UsageError } from './command.js';

/** The text of a file, plain or gzipped (known by its first bytes, whatever its name). Throws `InputError` when it cannot be read. */
export function readText(file: string): string {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return decoded(bytes);
  try {
    return decoded(gunzipSync(bytes));
  } catch {
    throw new InputError(file, 1, 1, 'the file starts like gzip but cannot be unpacked: it is cut short or damaged');
  }
}

/** Text without the byte order mark that some editors put before it. */
function decoded(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/** A number from the command line, or the fallback; throws `UsageError` when it is none, or below the least. */
export function numberOption(name: string, text: string | undefined, fallback: number, least = 0): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least) {
    throw new UsageError(`--${name} takes a number of at least ${least}, and was ${JSON.stringify(text)}`);
  }
  return value;
}

/** A whole number from the command line, or the fallback; throws `UsageError` when it is none, or below the least. */
export function countOption(name: string, text: string | undefined, fallback: number, least = 0): number {
  const value = numberOption(name, text, fallback, least);
  if (text === undefined || Number.isSafeInteger(value)) return value;
  throw new UsageError(`--${name} takes a whole number, and was ${JSON.stringify(text)}`);
}

/** Worker threads from the command line: as many as the machine has cores at most, which a note says when it were more. */
export function threadsOption(text: string | undefined): number {
  const wanted = countOption('threads', text, 2, 1);
  const cores = availableParallelism();
  if (wanted <= cores || text === undefined) return wanted;
  process.stderr.write(
    `--threads ${wanted}: this machine has ${cores} ${cores === 1 ? 'core' : 'cores'}, so that many are used\n`,
  );
  return cores;
}

/** What bounds a search: `--evaluations`, the same result whatever the machine and the number of threads, or else `--seconds`. */
export type Limit =
  | { readonly kind: 'evaluations'; readonly evaluations: number }
  | { readonly kind: 'seconds'; readonly seconds: number };

/** The bound from the command line, or the usual seconds; throws `UsageError` when both are given. */
export function limitOption(
  { seconds, evaluations }: { readonly seconds?: string | undefined; readonly evaluations?: string | undefined },
  usualSeconds: number,
): Limit {
  if (evaluations === undefined) return { kind: 'seconds', seconds: numberOption('seconds', seconds, usualSeconds) };
  if (seconds !== undefined) throw new UsageError('either --seconds or --evaluations bounds a search, not both');
  return { kind: 'evaluations', evaluations: countOption('evaluations', evaluations, 0, 1) };
}

/** Searches that share a bound of evaluations; with a bound of seconds there is one for each thread. */
export const MEMBERS = 2;

/** The files that a command will write, when it names any; throws `UsageError` for one that cannot be written, before any work is done. */
export function checkOutputs(...files: readonly (string | undefined)[]): void {
  for (const file of files) if (file !== undefined) writing(file, () => closeSync(openSync(file, 'a')));
}

/** Writes a result, when a file for it was named; throws `UsageError` when it cannot be written. */
export function writeOutput(file: string | undefined, text: () => string): void {
  if (file !== undefined) writing(file, () => writeFileSync(file, text()));
}

function writing(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new UsageError(`cannot write ${JSON.stringify(file)}: ${error.message}`);
  }
}
