import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { Outcome } from '../../src/model/index.js';
import type * as Clusters from '../drivers/libvirt/lab-cluster.js';
import type * as Loops from '../drivers/libvirt/lab-loop.js';
import type { LabHost } from '../lab/namespaces/host.js';
import type * as Guests from '../lab/guest/machine.js';
import type * as Labs from '../lab/namespaces/lab.js';
import type * as Documents from '../reconcile/documents-of.js';
import { installed } from './child.js';
import type { Bench, Command, TableResult } from './command.js';
import { UsageError } from './command.js';
import { tableText } from './table.js';

export const command: Command = {
  usage: '[--machines N] [--rounds N]   (in a lab of its own, which needs root)',
  run,
  tables: [{ title: 'migrate: what a move takes beside the migration, and bare virsh in the same run', run: table }],
};

const HEAD = ['way', 'moves', 'a move takes', "libvirt's job", 'the rest', 'ratio to virsh'];
const NOTES = [
  'medians, milliseconds a move; the same machines (64 MiB, firmware only, no devices), one after the other, to and fro; the ways take turns',
  "libvirt's job: its own count of the migration, asked of the target; the rest: everything else that the way needs until it goes on",
  'a pass: a new controller with new connections reads the commit, observes, plans, proves, carries out and observes again',
];

async function run(argv: readonly string[]): Promise<number> {
  const options = {
    machines: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '6' },
  } as const;
  const { values } = parseArgs({ args: [...argv], options });
  const [machines, rounds] = [Number(values.machines), Number(values.rounds)];
  for (const [name, value] of [['machines', machines] as const, ['rounds', rounds] as const])
    if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${name} takes a number of at least 1`);
  process.stdout.write(tableText(HEAD, await measure(machines, rounds)) + NOTES.map((note) => `${note}\n`).join(''));
  return 0;
}

async function table({ quick }: Bench): Promise<TableResult> {
  const missing = ['libvirtd', 'virsh', 'qemu-system-x86_64', 'nsenter'].filter((program) => !installed(program));
  if (process.getuid?.() !== 0) return { kind: 'notRun', reason: 'a lab needs root' };
  if (missing.length > 0) return { kind: 'notRun', reason: `not installed: ${missing.join(', ')}` };
  return { kind: 'table', head: HEAD, rows: await measure(2, quick ? 2 : 6), notes: NOTES };
}

interface Taken {
  readonly wallMs: number;
  readonly jobMs: number;
}

/** Moves all machines from a host to the other; answers with what each move took. */
type Way = (from: LabHost, to: LabHost) => Promise<readonly Taken[]>;

async function measure(count: number, rounds: number): Promise<readonly (readonly string[])[]> {
  const { openLab, openLabDriver, defineAndStart, order, openLabLoop, documents, firmwareGuest } = await modules();
  const lab = await openLab({ hosts: 2 });
  const driver = openLabDriver(lab.hosts);
  try {
    const [first, second] = lab.hosts;
    if (first === undefined || second === undefined) throw new Error('the lab has too few hosts');
    const names = Array.from({ length: count }, (_, index) => `vm-${index + 1}`);
    for (const [index, name] of names.entries())
      await defineAndStart(first, firmwareGuest({ name, number: index + 1 }));

    const one = async (move: () => Promise<number>): Promise<Taken> => {
      const begin = performance.now();
      const jobMs = await move();
      return { wallMs: performance.now() - begin, jobMs };
    };
    const each = async (move: (name: string) => Promise<number>): Promise<readonly Taken[]> => {
      const taken: Taken[] = [];
      for (const name of names) taken.push(await one(() => move(name)));
      return taken;
    };
    const virsh: Way = async (from, to) => {
      const flags = ['migrate', '--live', '--p2p', '--persistent', '--undefinesource'];
      const taken = await each(async (name) => {
        await output(['virsh', '--quiet', '-c', from.uri, ...flags, name, to.peerUri]);
        return 0;
      });
      const jobs = await Promise.all(names.map((name) => jobMs(to, name)));
      return taken.map((of, index) => ({ ...of, jobMs: jobs[index] ?? 0 }));
    };
    const byDriver: Way = (from, to) =>
      each(async (name) => msOf(await driver.hypervisor.perform(order(name, from, to), QUIET)));

    const of = {
      hosts: [{ name: first.name }, { name: second.name }],
      machines: names.map((name) => ({ name, at: first.name, host: first.name, memoryMiB: 64 })),
      migration: [
        'parallel: { perHost: 1, perGroup: 1, perCluster: 1 }',
        'blastRadius: { maxSharePercent: 100 }',
        'forwardSeconds: 0',
      ],
    };
    const loop = openLabLoop({ hosts: lab.hosts, of });
    await loop.pass();
    const byPass: Way = async (_, to) => {
      const pinned = of.machines.map(
        (machine) => [`machines/${machine.name}.yaml`, documents.machineDoc({ ...machine, host: to.name })] as const,
      );
      loop.repository.commit(Object.fromEntries(pinned));
      const jobs: number[] = [];
      const whole = await one(async () => {
        const facts = await loop.pass({
          meddle: async (action, next) => {
            const outcome = await next();
            if (action.kind === 'migrate') jobs.push(msOf(outcome));
            return outcome;
          },
        });
        if (facts.execution?.result !== 'succeeded' || jobs.length !== count)
          throw new Error(`the pass made ${jobs.length} moves: ${JSON.stringify([facts.hold, facts.plan?.refusals])}`);
        return 0;
      });
      return jobs.map((job) => ({ wallMs: whole.wallMs / jobs.length, jobMs: job }));
    };

    const ways = [
      { name: 'a virsh each', way: virsh },
      { name: "Berth's driver", way: byDriver },
      { name: 'a pass of Berth', way: byPass },
    ];
    const taken = ways.map((): Taken[] => []);
    let [from, to] = [first, second];
    for (let round = 0; round < rounds; round++) {
      for (const [index, { way }] of ways.entries()) {
        taken[index]?.push(...(await way(from, to)));
        [from, to] = [to, from];
      }
    }
    await loop.close();
    const [peer = 0] = taken.map((all) => median(all.map(({ wallMs }) => wallMs)));
    return ways.map(({ name }, index) => {
      const all = taken[index] ?? [];
      const wall = median(all.map(({ wallMs }) => wallMs));
      const figures = [wall, median(all.map((of) => of.jobMs)), median(all.map((of) => of.wallMs - of.jobMs))];
      return [name, String(all.length), ...figures.map((ms) => ms.toFixed(0)), (wall / peer).toFixed(2)];
    });
  } finally {
    await driver.hypervisor.close();
    await lab.close();
  }
}

const QUIET = {
  idempotencyKey: 'bench',
  signal: new AbortController().signal,
  epoch: null,
  onProgress: () => undefined,
};

function msOf(outcome: Outcome): number {
  if (outcome.kind !== 'done') throw new Error(`a migration failed: ${outcome.message}`);
  return (outcome.measured?.seconds ?? 0) * 1000;
}

/** What the target says of the migration that brought a machine. */
async function jobMs(host: LabHost, name: string): Promise<number> {
  const info = await output([
    'virsh',
    '--quiet',
    '-c',
    host.uri,
    'domjobinfo',
    '--completed',
    '--keep-completed',
    name,
  ]);
  return Number(/^Time elapsed:\s+(\d+)/m.exec(info)?.[1] ?? NaN);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** The labs' scripts lie beside their sources, so these are not compiled into the bench but loaded as they stand. */
async function modules() {
  const root = new URL('../../../../', import.meta.url);
  await import(new URL('test/tools/typescript.js', root).href);
  const load = (path: string): Promise<unknown> => import(new URL(path, root).href);
  const labs = (await load('test/lab/namespaces/lab.ts')) as typeof Labs;
  const clusters = (await load('test/drivers/libvirt/lab-cluster.ts')) as typeof Clusters;
  const loops = (await load('test/drivers/libvirt/lab-loop.ts')) as typeof Loops;
  const documents = (await load('test/reconcile/documents-of.ts')) as typeof Documents;
  const guests = (await load('test/lab/guest/machine.ts')) as typeof Guests;
  return { ...labs, ...clusters, ...loops, documents, firmwareGuest: guests.firmwareGuest };
}

function output([program = '', ...argv]: readonly string[]): Promise<string> {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${program} ended with ${String(code)}`));
    });
  });
}
