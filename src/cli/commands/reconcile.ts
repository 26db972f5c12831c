import { Argument, Option, type Command } from 'commander';
import { EXIT, type ExitCode } from '../exit.js';
import {
  addOutputOption,
  addRepositoryOptions,
  parseListen,
  parseSeconds,
  type RepositoryOptions,
} from '../options.js';
import { closeCluster, openClusters } from '../open-clusters.js';
import { exitCodeOf, passOnce } from '../pass.js';
import type { Register } from '../session.js';
import { paceFor, showProgress } from '../show-progress.js';
import { watch } from '../watch.js';
import { tellSilences } from '../world.js';

interface Options extends RepositoryOptions {
  readonly output: 'text' | 'json';
  readonly watch?: boolean;
  readonly poll: number;
  readonly listen: { readonly host: string; readonly port: number };
}

/** `berth reconcile [SOURCE]`: one pass over the newest commit, or with `--watch` pass after pass. */
export function defineReconcile(program: Command, register: Register): void {
  const command = program
    .command('reconcile')
    .summary('make the cluster what the branch says')
    .description(
      'Plans from the newest commit of the branch (uncommitted files do not count), applies the plan, and commits the status.\n' +
        'With --watch it goes on: after each commit (a local repository is watched, a remote one polled), at the interval of\n' +
        'the cluster, and sooner after a failure. It follows commits that add or remove clusters, or reach them by other addresses;\n' +
        'a cluster that is no longer described is left as it is. SIGTERM lets running moves end.',
    )
    .addArgument(new Argument('[source]', 'folder or URL; the same as --source'))
    .option('--watch', 'run as a daemon, with /healthz, /readyz and /metrics')
    .addOption(
      new Option('--poll <duration>', 'how often the daemon asks a remote repository for news')
        .argParser(parseSeconds)
        .default(15, '15s')
        .env('BERTH_POLL'),
    )
    .addOption(
      new Option('--listen <address>', 'address of the daemon’s server')
        .argParser(parseListen)
        .default({ host: '127.0.0.1', port: 9464 }, '127.0.0.1:9464')
        .env('BERTH_LISTEN'),
    );
  addRepositoryOptions(command);
  addOutputOption(command, ['text', 'json']);
  register<Options>(command, async (session, given, [source]) => {
    const { terminal, env } = session;
    const options = { ...given, source: source ?? given.source };
    const signal = session.stopSignal();
    if (given.watch === true) return watch(session, options, signal);
    const clusters = await openClusters(options, env, paceFor(terminal));
    let exit: ExitCode = EXIT.ok;
    for (const cluster of clusters) {
      const progress = showProgress(terminal, given.output);
      const result = await passOnce(cluster, null, signal, progress.on).finally(() => closeCluster(cluster));
      progress.end(result);
      tellSilences(cluster.ports, terminal);
      if (exit === EXIT.ok) exit = exitCodeOf(result.facts);
    }
    return exit;
  });
}
