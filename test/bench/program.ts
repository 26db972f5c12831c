import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { InputError, UsageError } from './command.js';
import type { Bench, Command } from './command.js';
import { machineText } from './machine.js';
import { tableText } from './table.js';

/** Files of this folder that are commands, in the order in which their tables are printed. */
const COMMANDS = ['hbal', 'roadef', 'order', 'btrplace', 'planner', 'growth', 'churn', 'libvirt', 'migrate'] as const;

const USAGE = `npm run bench -- [--data DIR] [--quick] [--peers fast|all|none] [--only ${COMMANDS.join(',')}]`;

/** Runs one command, or every table when none is named; answers with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  try {
    if (name === '--help' || name === '-h') {
      process.stdout.write(await usageText());
      return 0;
    }
    if (name === undefined || name.startsWith('-')) return await tables(argv);
    const command = await commandOf(name);
    if (command === null) throw new UsageError(`there is no command ${name}`);
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError || isParseError(error)) {
      process.stderr.write(`${error.message}\n\n${await usageText()}`);
      return 64;
    }
    if (error instanceof InputError) {
      process.stderr.write(`${error.message}\n`);
      return 65;
    }
    throw error;
  }
}

async function tables(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      quick: { type: 'boolean', default: false },
      peers: { type: 'string', default: 'fast' },
      only: { type: 'string' },
    },
  });
  const only = values.only?.split(',') ?? [...COMMANDS];
  const unknown = only.find((name) => !COMMANDS.some((known) => known === name));
  if (unknown !== undefined) throw new UsageError(`--only names ${unknown}, which is no command`);
  const bench = benchOf(values.data, values.quick, values.peers);
  process.stdout.write(machineText(bench));
  for (const name of only) {
    const command = await commandOf(name);
    if (command === null) {
      process.stdout.write(`\n== ${name} ==\nnot run: this build has no test/bench/${name}.ts\n`);
      continue;
    }
    for (const { title, run } of command.tables) {
      process.stdout.write(`\n== ${title} ==\n`);
      const result = await run(bench);
      if (result.kind === 'notRun') process.stdout.write(`not run: ${result.reason}\n`);
      else process.stdout.write(tableText(result.head, result.rows) + result.notes.map((note) => `${note}\n`).join(''));
    }
  }
  return 0;
}

function benchOf(data: string | undefined, quick: boolean, peers: string): Bench {
  if (peers !== 'fast' && peers !== 'all' && peers !== 'none') throw new UsageError('--peers takes fast, all or none');
  const folder = resolve(data ?? '../shared/data');
  const tools = join(dirname(folder), 'tools');
  const judged = existsSync(tools) && spawnSync('python3', ['-c', 'import numpy']).status === 0;
  return { data: existsSync(folder) ? folder : null, tools: judged ? tools : null, quick, peers };
}

async function commandOf(name: string): Promise<Command | null> {
  if (!COMMANDS.some((known) => known === name) || !existsSync(new URL(`${name}.js`, import.meta.url))) return null;
  return ((await import(`./${name}.js`)) as { readonly command: Command }).command;
}

async function usageText(): Promise<string> {
  const lines = [USAGE];
  for (const name of COMMANDS) {
    const command = await commandOf(name);
    if (command !== null) lines.push(`npm run bench -- ${name} ${command.usage}`);
  }
  return `usage:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
