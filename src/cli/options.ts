import { InvalidArgumentError, Option, type Command } from 'commander';
import { LOG_LEVELS } from './log.js';

/** Values of the options that every command takes. */
export interface CommonOptions {
  readonly logLevel?: (typeof LOG_LEVELS)[number];
  readonly verbose?: boolean;
}

/** Values of the options that say which repository, which cluster and where state is kept. */
export interface RepositoryOptions extends CommonOptions {
  readonly source: string;
  readonly branch?: string;
  readonly path?: string;
  readonly statusBranch: string;
  readonly author: string;
  readonly signingKey?: string;
  readonly cluster?: string;
  readonly state?: string;
}

/** Forms a result can be printed in. */
export type Format = 'text' | 'json' | 'yaml' | 'markdown' | 'sarif' | 'github';

/** Options of every command. The order of precedence is flag, environment (`BERTH_` and the option's name), configuration file, default. */
export function addCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--config <file>', 'configuration file (default: ~/.config/berth/config.yaml)').env('BERTH_CONFIG'),
    )
    .addOption(new Option('--log-level <level>', 'what to log on stderr').choices(LOG_LEVELS).env('BERTH_LOG_LEVEL'))
    .addOption(new Option('-v, --verbose', 'show details of unexpected errors').env('BERTH_VERBOSE'))
    .addOption(new Option('--no-color', 'no colors (also: NO_COLOR)').env('BERTH_NO_COLOR'));
}

/** Options of commands that look at a repository of documents. */
export function addRepositoryOptions(command: Command): Command {
  addCommonOptions(command);
  return command
    .addOption(
      new Option('-s, --source <location>', 'repository: a folder or an http(s) URL').default('.').env('BERTH_SOURCE'),
    )
    .addOption(
      new Option('--branch <name>', 'branch that holds the documents (default: that of HEAD)').env('BERTH_BRANCH'),
    )
    .addOption(new Option('--path <folder>', 'folder of the repository that holds the documents').env('BERTH_PATH'))
    .addOption(
      new Option('--status-branch <name>', 'branch that status is written to')
        .default('berth/status')
        .env('BERTH_STATUS_BRANCH'),
    )
    .addOption(
      new Option('--author <name-and-address>', 'author of status commits')
        .default('Berth <berth@localhost>')
        .env('BERTH_AUTHOR'),
    )
    .addOption(new Option('--signing-key <file>', 'ssh private key that signs status commits').env('BERTH_SIGNING_KEY'))
    .addOption(new Option('--cluster <name>', 'which cluster, when the repository has several').env('BERTH_CLUSTER'))
    .addOption(
      new Option('--state <dir>', 'journal, ledger and lease (default: ~/.local/state/berth)').env('BERTH_STATE'),
    );
}

/** `-o` with the formats that this command knows; the first is the default. */
export function addOutputOption(command: Command, formats: readonly Format[]): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'form of the result').choices(formats).default(formats[0]).env('BERTH_OUTPUT'),
  );
}

/** `--observed`: where the observed state comes from. */
export function addObservedOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--observed <live|git|file>',
      'observed state: ask the hypervisors, read the status branch, or read a file',
    )
      .default('live')
      .env('BERTH_OBSERVED'),
  );
}

/** Reads `90`, `90s`, `5m` or `1h` as seconds. */
export function parseSeconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write a duration such as 90s, 5m or 1h.');
  const unit = match[2] === 'h' ? 3600 : match[2] === 'm' ? 60 : 1;
  return Number(match[1]) * unit;
}

/** Reads a whole number of at least `least`. */
export function parseCount(least: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < least)
      throw new InvalidArgumentError(`Write a whole number of at least ${least}.`);
    return Number(text);
  };
}

/** Reads `9464` or `127.0.0.1:9464`; port 0 takes a free one. */
export function parseListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(text);
  if (match === null || Number(match[2]) > 65_535)
    throw new InvalidArgumentError('Write a port, or an address and a port such as 127.0.0.1:9464.');
  return { host: (match[1] ?? '127.0.0.1').replace(/^\[(.*)\]$/, '$1'), port: Number(match[2]) };
}
