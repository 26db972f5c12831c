import { parseArgs } from 'node:util';
import { plan, replay } from '../../src/planner/index.js';
import { figure, runBench } from './child.js';
import type { Bench, Command, TableResult } from './command.js';
import { UsageError } from './command.js';
import { numberOption } from './input.js';
import { CASES, plannerCase } from './planner-cases.js';

export const command: Command = {
  usage: `${Object.keys(CASES).join('|')} [--hosts H] [--machines N] [--replay]`,
  run,
  tables: [{ title: 'planner: whole plans, from what is written and observed to steps', run: table }],
};

/** Plans one case, warm, and prints what it took; with `--replay` the independent checker judges the plan. */
function run(argv: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { hosts: { type: 'string' }, machines: { type: 'string' }, replay: { type: 'boolean', default: false } },
  });
  const [name = '', ...rest] = positionals;
  if (!(name in CASES) || rest.length > 0)
    throw new UsageError(`planner takes one of ${Object.keys(CASES).join(', ')}`);
  const hosts = numberOption('hosts', values.hosts, 200, 1);
  const machines = numberOption('machines', values.machines, 2000, 1);
  // Code that runs for the first time is compiled first; the daemon plans again and again.
  const small = plannerCase(name, 100, 1000);
  plan(small.desired, small.world);
  const { desired, world } = plannerCase(name, hosts, machines);
  const begin = process.cpuUsage();
  const made = plan(desired, world);
  const { user, system } = process.cpuUsage(begin);
  const { moves, deployments, refusals } = made.summary;
  const verdict = values.replay ? [`replay ${replay(made, desired, world).accepted ? 'accepts' : 'REFUSES'} it`] : [];
  const lines = [
    `hosts ${hosts}, machines ${machines}: planned in ${((user + system) / 1e6).toFixed(2)} CPU s`,
    `moves ${moves}, starts ${deployments}, refused ${refusals}, steps ${made.steps.length}`,
    `memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
    ...verdict,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

/** Each case in a process of its own. */
function table({ quick }: Bench): TableResult {
  const sizes = [
    ...Object.keys(CASES).map((name) => [name, 200, 2000] as const),
    ...(quick ? [] : [['rest', 1000, 10_000] as const, ['drain', 1000, 10_000] as const]),
  ];
  const rows = sizes.map(([name, hosts, machines]) => {
    const { output } = runBench(['planner', name, '--hosts', String(hosts), '--machines', String(machines)]);
    const cells = [/in ([\d.]+) CPU s/, /moves (\d+)/, /starts (\d+)/, /refused (\d+)/, /memory (\d+)/];
    const figures = cells.map((pattern) => String(figure(output, pattern)));
    return [name, CASES[name]?.meaning ?? '', `${hosts} x ${machines}`, ...figures];
  });
  return {
    kind: 'table',
    head: ['case', 'what is asked', 'hosts x machines', 'CPU s', 'moves', 'starts', 'refused', 'RSS MiB'],
    rows,
    notes: [
      'made in memory from a seed, code warm; hosts of 2 cells and 32 VFs, machines of 0 to 2 VFs, one in five in a cell.',
    ],
  };
}
