import { RepositoryError } from '../ports/index.js';
import { problem } from '../model/index.js';
import type { Problem } from '../model/index.js';

type Extra = Partial<Pick<Problem, 'hint' | 'answer'>>;

/** The error for one problem with a repository. Callers take care that `message` holds nothing secret. */
export function repositoryError(code: string, message: string, extra: Extra = {}): RepositoryError {
  return new RepositoryError(problem({ code, message, ...extra }));
}

/** Throws {@link repositoryError}. */
export function refuse(code: string, message: string, extra: Extra = {}): never {
  throw repositoryError(code, message, extra);
}

/** The stored objects are incomplete or cannot be read: a cache is made anew, a person's repository is reported. */
export class Damage extends Error {
  override readonly name = 'Damage';
}

/** One line of text that is safe to print: control and format characters are shown as escapes, and it is cut at 200 characters. */
export function printable(text: string): string {
  const shown = text.replace(/[\p{C}\p{Zl}\p{Zp}\\]/gu, (char) =>
    char === '\\' ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}
