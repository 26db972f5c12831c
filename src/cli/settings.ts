import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { problem } from '../model/index.js';
import { EXIT } from './exit.js';
import { Failure } from './failure.js';

/** Keys of the configuration file: the long options that describe a place, not a single run. */
const KEYS = ['source', 'branch', 'path', 'statusBranch', 'author', 'cluster', 'state', 'logLevel', 'color'] as const;

/** Fills options that neither the command line nor the environment set with values from the configuration file. */
export function applyConfigFile(command: Command, env: NodeJS.ProcessEnv): void {
  const named = command.opts<{ config?: string }>().config;
  const file = named ?? join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'berth', 'config.yaml');
  if (named === undefined && !existsSync(file)) return;
  const values = readConfig(file);
  for (const option of command.options) {
    const key = option.attributeName();
    const source = command.getOptionValueSource(key);
    const value = values.get(key);
    if (value === undefined || (source !== undefined && source !== 'default')) continue;
    if (option.argChoices !== undefined && !option.argChoices.includes(String(value)))
      throw configFailure(file, `"${key}" is not one of ${option.argChoices.join(', ')}`);
    command.setOptionValueWithSource(key, value, 'config');
  }
}

function readConfig(file: string): ReadonlyMap<string, string | boolean> {
  let parsed: unknown;
  try {
    parsed = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (cause) {
    throw configFailure(file, cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause));
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw configFailure(file, 'it must be a mapping of option names to values');
  for (const [key, value] of Object.entries(parsed)) {
    if (!KEYS.some((known) => known === key)) throw configFailure(file, `there is no setting "${key}"`);
    if (typeof value !== (key === 'color' ? 'boolean' : 'string'))
      throw configFailure(file, `"${key}" must be a ${key === 'color' ? 'boolean' : 'string'}`);
  }
  return new Map(Object.entries(parsed) as [string, string | boolean][]);
}

function configFailure(file: string, message: string): Failure {
  return new Failure(EXIT.usage, [
    problem({
      code: 'ConfigFile',
      message: `the configuration file ${file} cannot be used: ${message}`,
      hint: `it may set ${KEYS.join(', ')}`,
    }),
  ]);
}

/** Folder that state is kept in: `--state`, else the XDG state folder. */
export function stateFolder(option: string | undefined, env: NodeJS.ProcessEnv): string {
  return option ?? join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'berth');
}
