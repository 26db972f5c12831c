import { parseArgs } from 'node:util';
import type { Instance } from '../../src/planner/engine/instance.js';
import { Random } from '../../src/planner/engine/random.js';
import { search } from '../../src/planner/engine/search/index.js';
import { State } from '../../src/planner/engine/state.js';
import { figure, runBench } from './child.js';
import type { Bench, Command, TableResult } from './command.js';
import { UsageError } from './command.js';
import { numberOption } from './input.js';

export const command: Command = {
  usage: '[--hosts H] [--machines N] [--seed K] [--per-machine EVALUATIONS]',
  run,
  tables: [{ title: 'growth: time and memory from 100 x 1,000 to 5,000 x 100,000', run: growth }],
};

const SIZES = [
  [100, 1_000],
  [200, 3_000],
  [400, 6_000],
  [1_000, 10_000],
  [1_000, 20_000],
  [2_000, 40_000],
  [5_000, 100_000],
] as const;

/** Share of the machines that may move. */
const MOVED = 0.2;

/** Makes a cluster in memory, plans it with so many evaluations for each machine, and prints time and memory. */
function run(argv: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      hosts: { type: 'string' },
      machines: { type: 'string' },
      seed: { type: 'string' },
      'per-machine': { type: 'string' },
    },
  });
  if (positionals.length > 0) throw new UsageError('growth takes no file');
  const hosts = numberOption('hosts', values.hosts, 100, 1);
  const machines = numberOption('machines', values.machines, 1000, 1);
  const instance = uneven(hosts, machines, numberOption('seed', values.seed, 1));
  // Small clusters would pay for compiling what large ones find compiled.
  search(uneven(50, 500, 1), { seed: 1, budget: { evaluations: 1_000_000 }, maxMoves: 100 });
  const begin = process.cpuUsage();
  const state = new State(instance);
  const built = process.cpuUsage(begin).user / 1e6;
  const evaluations = numberOption('per-machine', values['per-machine'], 300) * machines;
  const result = search(instance, { seed: 1, budget: { evaluations }, maxMoves: Math.floor(MOVED * machines) });
  const seconds = process.cpuUsage(begin).user / 1e6 - built;
  process.stdout.write(
    [
      `hosts ${hosts}, machines ${machines}, state built in ${(built * 1000).toFixed(1)} CPU ms`,
      `cost ${state.cost.toFixed(4)} -> ${result.cost.toFixed(4)}, moves ${result.moves}`,
      `evaluations ${result.evaluations} in ${seconds.toFixed(3)} CPU s`,
      `memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
      '',
    ].join('\n'),
  );
  return 0;
}

/** Each size in a process of its own. */
function growth({ quick }: Bench): TableResult {
  const sizes = quick ? SIZES.filter(([, machines]) => machines <= 20_000) : SIZES;
  const rows = sizes.map(([hosts, machines]) => {
    const { output, wallSeconds } = runBench(['growth', '--hosts', String(hosts), '--machines', String(machines)]);
    const evaluations = figure(output, /^evaluations (\d+)/m);
    const seconds = figure(output, /in ([\d.]+) CPU s/);
    const moves = figure(output, /moves (\d+)/);
    const memory = figure(output, /memory (\d+)/);
    return [
      `${hosts} x ${machines}`,
      figure(output, /built in ([\d.]+)/).toFixed(1),
      ((seconds / evaluations) * 1e6).toFixed(3),
      String(moves),
      ((seconds / moves) * 1000).toFixed(3),
      ((seconds / (hosts + machines)) * 1000).toFixed(3),
      seconds.toFixed(2),
      wallSeconds.toFixed(1),
      `${memory}${hosts === 1000 && machines === 10_000 ? ` (target 300: ${memory <= 300 ? 'reached' : 'missed'})` : ''}`,
    ];
  });
  return {
    kind: 'table',
    head: [
      'hosts x machines',
      'build ms',
      'us/evaluation',
      'moves',
      'ms/move',
      'ms/(host+machine)',
      'CPU s',
      'wall s',
      'RSS MiB',
    ],
    rows,
    notes: [
      'made in memory from a seed; code warm; 300 evaluations a machine, six deviations, memory and CPUs limited, at most 20 % of the machines moved.',
    ],
  };
}

/** A cluster with memory, CPUs and four loads, of which the first third of the hosts holds most. */
function uneven(hosts: number, machines: number, seed: number): Instance {
  const random = new Random(seed);
  const resources = 6;
  const everywhere = Int32Array.from({ length: hosts }, (_, host) => host);
  const demand = new Float64Array(machines * resources);
  let memory = 0;
  for (let machine = 0; machine < machines; machine++) {
    const cpus = 2 ** random.below(5);
    memory += 2 * cpus;
    demand.set([2 * cpus, cpus], machine * resources);
    for (let r = 2; r < resources; r++) demand[machine * resources + r] = random.fraction();
  }
  const room = Math.max(80, Math.ceil(memory / hosts / 0.5));
  const [use, origin] = [new Float64Array(hosts), new Int32Array(machines)];
  for (let machine = 0; machine < machines; machine++) {
    const need = demand[machine * resources] ?? 0;
    let host = random.below(random.fraction() < 0.6 ? Math.ceil(hosts * 0.3) : hosts);
    while ((use[host] ?? 0) + need > room) host = (host + 1) % hosts;
    use[host] = (use[host] ?? 0) + need;
    origin[machine] = host;
  }
  const limits = [room, room];
  const one = { offset: new Float64Array(hosts), weight: 1, hosts: new Uint8Array(hosts).fill(1) };
  return {
    hosts,
    places: hosts,
    machines,
    resources,
    hostOf: everywhere,
    origin,
    fixed: new Uint8Array(machines),
    demand,
    capacity: Float64Array.from({ length: hosts * resources }, (_, index) => limits[index % resources] ?? Infinity),
    base: new Float64Array(hosts * resources),
    transient: new Uint8Array(resources),
    unary: null,
    rules: [],
    domains: [],
    objectives: {
      excess: null,
      balance: [],
      deviation: Array.from({ length: resources }, (_, resource) => ({
        ...one,
        resource,
        scale: new Float64Array(hosts).fill(1 / (limits[resource] ?? 1)),
      })),
      quadratic: [],
      company: [],
      moved: null,
      movedTogether: null,
      crossing: null,
      opened: null,
      slots: [],
      unplaced: null,
    },
  };
}
