import type { Problem } from '../model/index.js';
import { EXIT, type ExitCode } from './exit.js';

/** Ends a command: what to say, and the exit code to say it with. Thrown only on this, the outermost floor. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly exitCode: ExitCode,
    readonly problems: readonly Problem[],
  ) {
    super(problems.map((one) => one.message).join('; '));
  }
}

/** Ends a command because of what is written in the documents. */
export class InvalidDocuments extends Failure {
  constructor(problems: readonly Problem[]) {
    super(EXIT.error, problems);
  }
}
