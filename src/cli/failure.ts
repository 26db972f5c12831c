import type { Problem } from '../model/index.js';
import type { ExitCode } from './exit.js';

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
