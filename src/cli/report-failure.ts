import { problem, type Problem } from '../model/index.js';
import { FencedOut, RepositoryError } from '../ports/index.js';
import { paint } from '../report/paint.js';
import { formatProblem } from '../report/problem.js';
import { EXIT, type ExitCode } from './exit.js';
import { Failure } from './failure.js';
import { redact } from './redact.js';
import type { Terminal } from './terminal.js';

/** Says on stderr what went wrong and what to do, and answers with the exit code. */
export function reportFailure(error: unknown, terminal: Terminal, verbose: boolean, errorCode: ExitCode): ExitCode {
  const { problems, exitCode } = explain(error, errorCode);
  for (const one of problems) terminal.err(`${redact(formatProblem(one, paint(terminal.color)))}\n`);
  if (verbose && error instanceof Error) terminal.err(`${redact(error.stack ?? '')}\n`);
  return exitCode;
}

interface Explained {
  readonly problems: readonly Problem[];
  readonly exitCode: ExitCode;
}

function explain(error: unknown, errorCode: ExitCode): Explained {
  if (error instanceof Failure)
    return { problems: error.problems, exitCode: error.exitCode === EXIT.error ? errorCode : error.exitCode };
  if (error instanceof RepositoryError) return { problems: [error.problem], exitCode: errorCode };
  if (error instanceof FencedOut || (error instanceof Error && error.name === 'Locked'))
    return { problems: [problem({ code: 'Locked', message: error.message })], exitCode: EXIT.locked };
  const message = error instanceof Error ? error.message : String(error);
  const trouble = systemTrouble(error);
  if (trouble !== null) return { problems: [trouble], exitCode: errorCode };
  if (isDamage(error)) return { problems: [problem({ code: 'DamagedState', message })], exitCode: errorCode };
  return {
    problems: [
      problem({
        code: 'Unexpected',
        message: `unexpected error: ${message}`,
        hint: 'This is a bug of berth. Run the command again with --verbose for details.',
      }),
    ],
    exitCode: errorCode,
  };
}

/** What the operating system refuses, by its code; the person at the keyboard can mend these. */
const SYSTEM_HINTS: Readonly<Record<string, string>> = {
  EACCES: 'Check who may read and write there, or name another place (--state, --out, --source).',
  EPERM: 'Check who may read and write there, or name another place (--state, --out, --source).',
  EROFS: 'It is read-only; name another place (--state, --out).',
  ENOENT: 'Make the folder first, or name another place (--state, --out, TMPDIR).',
  ENOTDIR: 'A file stands where a folder is needed; name another place (--state, --out).',
  EISDIR: 'It is a folder; name a file.',
  EEXIST: 'A file stands where a folder is needed; name another place (--state, --out).',
  ENOSPC: 'The disk is full.',
  EADDRINUSE: 'Another process listens there; name another address by --listen (port 0 takes a free one).',
  EADDRNOTAVAIL: 'This computer does not have that address; name another by --listen.',
};

function systemTrouble(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  const hint = SYSTEM_HINTS[String(error.code)];
  return hint === undefined ? null : problem({ code: 'SystemRefused', message: error.message, hint });
}

/** Errors of adapters whose messages say what to do; this floor does not know all their classes. */
const DAMAGE = new Set(['JournalDamage', 'FileDamage', 'SimulatorStateDamage']);

/** True when a state file is not what was written to it. */
export function isDamage(error: unknown): error is Error {
  return error instanceof Error && DAMAGE.has(error.name);
}
