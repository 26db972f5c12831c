import { parseArgs } from 'node:util';
import { evaluate, totalOf, violationsOf } from '../../src/planner/engine/evaluate.js';
import { searchTogether } from '../../src/portfolio/index.js';
import type { Command } from './command.js';
import { UsageError } from './command.js';
import { parseRoadef, roadefText } from './formats/roadef.js';
import { checkOutputs, countOption, limitOption, MEMBERS, readText, threadsOption, writeOutput } from './input.js';
import { challenge } from './tables/roadef.js';

export const command: Command = {
  usage: 'MODEL ASSIGNMENT [--seconds S | --evaluations N] [--seed K] [--threads N] [--out SOLUTION.txt]',
  run,
  tables: [challenge],
};

/** One instance of the challenge, plain or gzipped; prints totals by part, and writes the assignment. */
function run(argv: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      evaluations: { type: 'string' },
      seed: { type: 'string' },
      threads: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const [model, assignment, ...rest] = positionals;
  if (model === undefined || assignment === undefined || rest.length > 0)
    throw new UsageError('roadef takes MODEL and ASSIGNMENT');
  const limit = limitOption(values, 300);
  checkOutputs(values.out);
  const begin = performance.now();
  const instance = parseRoadef(
    { file: model, text: readText(model) },
    { file: assignment, text: readText(assignment) },
  );
  const reading = (performance.now() - begin) / 1000;
  const threads = threadsOption(values.threads);
  const result = searchTogether(instance, {
    threads,
    seed: countOption('seed', values.seed, 1),
    ...(limit.kind === 'evaluations'
      ? { members: MEMBERS, budget: { evaluations: limit.evaluations } }
      : {
          members: threads,
          ...(threads === 1 ? { rounds: 1 } : {}),
          budget: { seconds: Math.max(0, limit.seconds - reading) },
          now: () => performance.now(),
        }),
  });
  writeOutput(values.out, () => roadefText(result.assignment));
  const costs = evaluate(instance, result.assignment);
  const { user } = process.cpuUsage();
  process.stdout.write(
    [
      `hosts ${instance.hosts}, machines ${instance.machines}, read in ${reading.toFixed(1)} s`,
      `total ${totalOf(costs)} from ${result.startCost}, ${result.moves} moves`,
      `load ${costs.excess}, balance ${costs.balance}, moved ${costs.moved}, together ${costs.movedTogether}, crossing ${costs.crossing}`,
      `${(result.evaluations / 1e6).toFixed(1)} million evaluations in ${(user / 1e6).toFixed(1)} CPU s, ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
      ...violationsOf(instance, result.assignment).slice(0, 10),
      '',
    ].join('\n'),
  );
  return 0;
}
