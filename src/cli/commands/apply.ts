import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { problem, type Plan } from '../../model/index.js';
import { decodePlan } from '../../report/index.js';
import { EXIT } from '../exit.js';
import { Failure } from '../failure.js';
import { addOutputOption, addRepositoryOptions, type RepositoryOptions } from '../options.js';
import { closeCluster, openClusters } from '../open-clusters.js';
import { exitCodeOf, passOnce } from '../pass.js';
import type { Register } from '../session.js';
import { paceFor, showProgress } from '../show-progress.js';

interface Options extends RepositoryOptions {
  readonly output: 'text' | 'json';
}

/** `berth apply PLANFILE`: carries out exactly the plan of a file, or nothing. */
export function defineApply(program: Command, register: Register): void {
  const command = program
    .command('apply')
    .summary('carry out a plan that was written to a file')
    .description(
      'Carries out the plan that "berth plan --out FILE" wrote, exactly as it is. It is refused (exit code 4) when the commit or the\n' +
        'cluster changed since, or when it expired; policies and the independent checker are asked again.',
    )
    .argument('<planfile>', 'file with a plan as JSON');
  addRepositoryOptions(command);
  addOutputOption(command, ['text', 'json']);
  register<Options>(command, async (session, options, [file = '']) => {
    const { terminal, env } = session;
    const plan = readPlan(file);
    const signal = session.stopSignal();
    const [cluster] = await openClusters({ ...options, cluster: plan.cluster }, env, paceFor(terminal));
    if (cluster === undefined) throw new Error('a named cluster was not opened');
    const progress = showProgress(terminal, options.output);
    const result = await passOnce(cluster, plan, signal, progress.on).finally(() => closeCluster(cluster));
    progress.end(result);
    return exitCodeOf(result.facts);
  });
}

function readPlan(file: string): Plan {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    const hint = 'write one by: berth plan --out FILE';
    throw new Failure(EXIT.error, [problem({ code: 'PlanMissing', message: `the plan ${file} cannot be read`, hint })]);
  }
  const decoded = decodePlan(text);
  if (!decoded.ok) throw new Failure(EXIT.error, decoded.problems);
  return decoded.value;
}
