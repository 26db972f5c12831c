import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { LibvirtClient, parseLibvirtUri } from '../../src/drivers/libvirt/rpc/index.js';
import type { DomainRef } from '../../src/drivers/libvirt/rpc/index.js';
import type * as Labs from '../lab/namespaces/lab.js';
import { installed } from './child.js';
import type { Bench, Command, TableResult } from './command.js';
import { UsageError } from './command.js';
import { tableText } from './table.js';

export const command: Command = {
  usage: '[--uri qemu+unix:///system?socket=PATH] [--calls N]   (without a URI: a lab of its own, which needs root)',
  run,
  tables: [{ title: 'libvirt: calls a second, and of virsh in the same run', run: table }],
};

const IN_FLIGHT = 16;
const ROUNDS = 3;
const HEAD = [
  'question',
  'one by one',
  `${IN_FLIGHT} at once`,
  'a virsh each',
  'one virsh',
  'ratio to a virsh each',
  'ratio to one virsh',
];

async function run(argv: readonly string[]): Promise<number> {
  const options = { uri: { type: 'string' }, calls: { type: 'string', default: '1000' } } as const;
  const { values } = parseArgs({ args: [...argv], options });
  const calls = Number(values.calls);
  if (!Number.isInteger(calls) || calls < 1) throw new UsageError('--calls takes a number of at least 1');
  const rows = values.uri === undefined ? await inLab((uri) => measure(uri, calls)) : await measure(values.uri, calls);
  process.stdout.write(tableText(HEAD, rows));
  return 0;
}

async function table({ quick }: Bench): Promise<TableResult> {
  const missing = ['libvirtd', 'virsh', 'qemu-system-x86_64', 'nsenter'].filter((program) => !installed(program));
  if (process.getuid?.() !== 0) return { kind: 'notRun', reason: 'a lab needs root' };
  if (missing.length > 0) return { kind: 'notRun', reason: `not installed: ${missing.join(', ')}` };
  const rows = await inLab((uri) => measure(uri, quick ? 300 : 1000));
  const notes = [
    'calls a second, the best of three rounds; every answer is decoded; one virsh: a single process that reads its commands from a pipe',
  ];
  return { kind: 'table', head: HEAD, rows, notes };
}

/** Runs `use` with the URI of a daemon of its own. */
async function inLab<T>(use: (uri: string) => Promise<T>): Promise<T> {
  // The lab's scripts lie beside its sources, so it is not compiled into the bench but loaded as it stands.
  const root = new URL('../../../../', import.meta.url);
  await import(new URL('test/tools/typescript.js', root).href);
  const labs = (await import(new URL('test/lab/namespaces/lab.ts', root).href)) as typeof Labs;
  const lab = await labs.openLab({ hosts: 1 });
  try {
    return await use(lab.hosts[0]?.uri ?? '');
  } finally {
    await lab.close();
  }
}

interface Question {
  readonly name: string;
  readonly ask: (client: LibvirtClient, domain: DomainRef) => Promise<unknown>;
  readonly virsh: readonly string[];
}

const QUESTIONS: readonly Question[] = [
  {
    name: 'state of a domain',
    ask: (client, domain) => client.getState(domain),
    virsh: ['domstate', '--reason', 'bench'],
  },
  { name: 'XML of a domain', ask: (client, domain) => client.getXml(domain), virsh: ['dumpxml', 'bench'] },
  {
    name: 'statistics of all',
    ask: (client) => client.getAllDomainStats({ domains: [], groups: [], options: [] }),
    virsh: ['domstats'],
  },
];

async function measure(uri: string, calls: number): Promise<readonly (readonly string[])[]> {
  const parsed = parseLibvirtUri(uri);
  if (!parsed.ok) throw new UsageError(`${uri}: ${parsed.reason}`);
  const client = await LibvirtClient.open(parsed.value);
  const domain = await client.createXml(GUEST, ['paused']);
  try {
    const rows: (readonly string[])[] = [];
    for (const question of QUESTIONS) rows.push(await row(client, domain, question, uri, calls));
    return rows;
  } finally {
    await client.destroy(domain);
    await client.close();
  }
}

async function row(
  client: LibvirtClient,
  domain: DomainRef,
  { name, ask, virsh }: Question,
  uri: string,
  calls: number,
): Promise<readonly string[]> {
  const once = () => ask(client, domain);
  for (let warm = 0; warm < calls / 10; warm++) await once();
  const serial = async (): Promise<void> => {
    for (let done = 0; done < calls; done++) await once();
  };
  const together = async (): Promise<void> => {
    let left = calls;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await once();
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  };
  const spawns = Math.max(5, Math.round(calls / 100));
  const spawning = async (): Promise<void> => {
    for (let done = 0; done < spawns; done++) await mustVirsh(uri, virsh, '');
  };
  const piping = () => mustVirsh(uri, [], `${virsh.join(' ')}\n`.repeat(calls));
  // In turns, and the best of each, because other work of the machine only slows them down.
  const best = { serial: 0, together: 0, each: 0, one: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    best.serial = Math.max(best.serial, await rate(calls, serial));
    best.together = Math.max(best.together, await rate(calls, together));
    best.each = Math.max(best.each, await rate(spawns, spawning));
    best.one = Math.max(best.one, await rate(calls, piping));
  }
  const ratio = (of: number) => `${(best.serial / of).toFixed(1)} / ${(best.together / of).toFixed(1)}`;
  return [
    name,
    ...[best.serial, best.together, best.each, best.one].map((figure) => figure.toFixed(0)),
    ratio(best.each),
    ratio(best.one),
  ];
}

/** Calls a second. */
async function rate(calls: number, work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return (calls * 1000) / (performance.now() - begin);
}

/** Beside the client, which goes on answering the daemon's pings meanwhile. */
function mustVirsh(uri: string, argv: readonly string[], input: string): Promise<void> {
  const child = spawn('virsh', ['--quiet', '-c', uri, ...argv], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdout.resume();
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`virsh ended with ${String(code)}`));
    });
  });
}

const GUEST = `<domain type='qemu'><name>bench</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator><memballoon model='none'/></devices></domain>`;
