import type { Command } from 'commander';
import type { Logger } from './log.js';
import type { ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';

/** What a running command has at hand. */
export interface Session {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  readonly verbose: boolean;
  /** Asks for a graceful end on SIGINT and SIGTERM, or on the signals given, which it names as its reason; a second one ends the process at once. */
  stopSignal(signals?: readonly NodeJS.Signals[]): AbortSignal;
}

/** The body of a command: options by their long names, arguments in order. Answers with the exit code. */
export type Body<Options> = (
  session: Session,
  options: Options,
  args: readonly (string | undefined)[],
) => Promise<ExitCode> | ExitCode;

/** Hands a command's body to the program, which runs it when the command was chosen. */
export type Register = <Options>(command: Command, body: Body<Options>) => void;
