import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { commands } from './commands/index.js';
import { EXIT, exitCodesText, type ExitCode } from './exit.js';
import { openLog } from './log.js';
import { InvalidDocuments } from './failure.js';
import type { CommonOptions } from './options.js';
import { isDataFormat, problemsText } from './problems-text.js';
import { reportFailure } from './report-failure.js';
import type { Body, Register, Session } from './session.js';
import { applyConfigFile } from './settings.js';
import type { Terminal } from './terminal.js';

/** Runs one command line and answers with its exit code; nothing is thrown. */
export async function run(argv: readonly string[], terminal: Terminal, env: NodeJS.ProcessEnv): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  let errorCode: ExitCode = EXIT.error;
  let shown = { terminal, verbose: false };
  let format: string | undefined;
  const register: Register = <Options>(command: Command, body: Body<Options>) => {
    command.action(async (...received: unknown[]) => {
      applyConfigFile(command, env);
      errorCode = command.name() === 'diff' ? EXIT.changes : EXIT.error;
      const options = command.opts<CommonOptions & { color: boolean; output?: string }>();
      format = options.output;
      const session = openSession(terminal, env, options, command.name());
      shown = session;
      const args = received.slice(0, -2) as (string | undefined)[];
      exitCode = await body(session, command.opts() as Options, args);
    });
  };
  try {
    await buildProgram(terminal, register).parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return usageExit(error);
    if (error instanceof InvalidDocuments && isDataFormat(format)) {
      terminal.out(problemsText(format, error.problems, false));
      return errorCode;
    }
    return reportFailure(error, shown.terminal, shown.verbose, errorCode);
  }
}

/** The whole command tree. */
function buildProgram(terminal: Terminal, register: Register): Command {
  const program = new Command('berth')
    .description('Declarative placement of virtual machines that own devices: commit it, and Berth moves them.')
    .version(version(), '-V, --version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .showHelpAfterError('Run "berth --help" or "berth COMMAND --help" for how to use it.')
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .exitOverride()
    .addHelpText('after', exitCodesText());
  for (const define of commands) define(program, register);
  return program;
}

function openSession(
  terminal: Terminal,
  env: NodeJS.ProcessEnv,
  options: CommonOptions & { readonly color: boolean },
  name: string,
): Session {
  const plain = { ...terminal, color: terminal.color && options.color };
  const quiet = name === 'reconcile' ? 'info' : 'warn';
  return {
    terminal: plain,
    env,
    verbose: options.verbose ?? false,
    log: openLog({
      level: options.logLevel ?? quiet,
      pretty: terminal.interactive,
      destination: { write: (line) => terminal.err(line) },
    }),
    stopSignal,
  };
}

/** The first signal asks for a graceful end; a second one ends the process at once. */
function stopSignal(signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM']): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(EXIT.error);
    controller.abort(signal);
  };
  for (const signal of signals) process.on(signal, stop);
  return controller.signal;
}

function usageExit(error: CommanderError): ExitCode {
  return error.code === 'commander.helpDisplayed' || error.code === 'commander.version' ? EXIT.ok : EXIT.usage;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
