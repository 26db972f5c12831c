/** A spot in a source file. Lines and columns start at 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** JSON pointer inside the document, such as `/spec/memoryMiB`. */
  readonly pointer: string;
  /** The text of that line, shown above a caret; empty when unknown. */
  readonly excerpt: string;
}

/** How the reconcile loop answers a problem: `stall` needs a person, `wait` needs time, `retry` is tried again at once. */
export type Answer = 'stall' | 'wait' | 'retry';

/** An expected failure: what is wrong, where, and what to do about it. It is a value; it is not thrown. */
export interface Problem {
  /** CamelCase word, stable across releases: tests and scripts match it. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly place: Place | null;
  /** Other spots that take part, such as the second of two documents that contradict each other. */
  readonly related: readonly RelatedPlace[];
  /** What to do; empty when there is nothing to say beyond the message. */
  readonly hint: string;
  readonly answer: Answer;
}

export interface RelatedPlace {
  readonly message: string;
  readonly place: Place;
}

/** The value, or the problems (at least one of severity `error`) that stand in its way. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Builds a problem from what is special about it; the rest takes the usual values (an error that stalls). */
export function problem(parts: Pick<Problem, 'code' | 'message'> & Partial<Problem>): Problem {
  return { severity: 'error', place: null, related: [], hint: '', answer: 'stall', ...parts };
}
