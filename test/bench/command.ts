/**
 * What a file `test/bench/NAME.ts` exports as `command`: how one instance is run from the command line, and the tables that the whole
 * bench prints of it.
 */
export interface Command {
  /** One line: the arguments after the name of the command. */
  readonly usage: string;
  /** Runs one instance and answers with the exit code. Throws `UsageError` and `InputError`; the caller prints them. */
  readonly run: (argv: readonly string[]) => number | Promise<number>;
  readonly tables: readonly BenchTable[];
}

export interface BenchTable {
  readonly title: string;
  readonly run: (bench: Bench) => TableResult | Promise<TableResult>;
}

/** Where the whole bench finds its data, and how long it may take. */
export interface Bench {
  /** Folder with `generated`, `roadef2012` and so on; null: there is none. */
  readonly data: string | null;
  /** Folder with the scorers; null: there is none, or no python3 to run them. */
  readonly tools: string | null;
  /** A short form of a few minutes; a table says which budgets it used. */
  readonly quick: boolean;
  /** Which peers run in the same invocation: those that take seconds, all of them, or none. */
  readonly peers: 'fast' | 'all' | 'none';
}

export type TableResult =
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
      readonly notes: readonly string[];
    }
  | { readonly kind: 'notRun'; readonly reason: string };

/** The command line is wrong: exit code 64. */
export class UsageError extends Error {}

/** An input cannot be read: told as `file:line:column: message`, exit code 65. */
export class InputError extends Error {
  constructor(file: string, line: number, column: number, message: string) {
    super(`${file}:${line}:${column}: ${message}`);
  }
}
