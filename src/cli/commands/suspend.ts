import type { Command } from 'commander';
import { EXIT } from '../exit.js';
import { clusterState } from '../cluster-state.js';
import { addRepositoryOptions, type RepositoryOptions } from '../options.js';
import type { Register } from '../session.js';
import { readSuspension, writeSuspension } from '../settled.js';

interface Options extends RepositoryOptions {
  readonly reason: string;
}

/** `berth suspend`: passes on this computer look and report, but begin nothing new. */
export function defineSuspend(program: Command, register: Register): void {
  const command = program
    .command('suspend')
    .summary('begin nothing new until resumed')
    .description(
      'Tells every Berth that shares this state folder to begin nothing new: passes look and report; moves under way end.\n' +
        'To suspend a cluster for everybody, commit spec.suspend in its document.',
    )
    .option('--reason <text>', 'why, for whoever looks', '');
  addRepositoryOptions(command);
  register<Options>(command, async ({ terminal, env }, options) => {
    const { name, state } = await clusterState(options, env);
    writeSuspension(state, { reason: options.reason, since: new Date().toISOString() });
    terminal.out(`${name} is suspended; resume it by: berth resume\n`);
    return EXIT.ok;
  });
}

/** `berth resume`: the opposite. */
export function defineResume(program: Command, register: Register): void {
  const command = program
    .command('resume')
    .summary('take back a suspension')
    .description('Takes back "berth suspend". What a document suspends stays suspended.');
  addRepositoryOptions(command);
  register<RepositoryOptions>(command, async ({ terminal, env }, options) => {
    const { name, state } = await clusterState(options, env);
    const before = readSuspension(state);
    writeSuspension(state, null);
    terminal.out(before === null ? `${name} was not suspended\n` : `${name} goes on\n`);
    return EXIT.ok;
  });
}
