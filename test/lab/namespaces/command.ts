// `npm run lab:namespaces -- up [N] | down LAB | status | exec HOST PROGRAM …`: a lab that stays until it is told to go.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { labPrefix, labsFolder, openLab } from './lab.js';
import { inside } from './program.js';
import { until } from './process-tree.js';
import { isHeld, labFolders, readRecord, sweep, type LabRecord } from './record.js';

interface Running {
  readonly folder: string;
  readonly record: LabRecord;
}

const usage =
  'usage: npm run lab:namespaces -- up [HOSTS] [--tls] | down LAB… | down --all | status | exec HOST PROGRAM …';

async function running(): Promise<readonly Running[]> {
  await sweep(labsFolder, labPrefix);
  const found: Running[] = [];
  for (const folder of await labFolders(labsFolder, labPrefix)) {
    const record = await readRecord(folder);
    if (record && (await isHeld(folder))) found.push({ folder, record });
  }
  return found;
}

/** Labs that tests have open are theirs to close. */
async function kept(): Promise<readonly Running[]> {
  return (await running()).filter(({ folder }) => existsSync(`${folder}/hold`));
}

async function up(count: number, tls: boolean): Promise<number> {
  const started = performance.now();
  const { hosts, folder } = await openLab({ hosts: count, tls, kept: true });
  console.log(`${count} hosts up in ${((performance.now() - started) / 1000).toFixed(1)} s, in ${folder}`);
  for (const host of hosts) console.log(`${host.name}  ${host.address}  virsh -c '${host.uri}'`);
  return 0;
}

/** Labs that others have brought up are not for us to tear down by accident: they are named, or all are asked for. */
async function down(words: readonly string[]): Promise<number> {
  const there = await kept();
  const names = there.map(({ folder }) => basename(folder));
  const wanted = words.includes('--all') ? names : words;
  const unknown = wanted.filter((name) => !names.includes(name));
  if (words.length === 0 || unknown.length > 0) {
    const fault = words.length === 0 ? 'say which lab goes, or --all' : `there is no lab ${unknown.join(', ')}`;
    console.error(`${fault}; brought up are: ${names.join(', ') || 'none'}`);
    return 2;
  }
  const labs = there.filter(({ folder }) => wanted.includes(basename(folder)));
  for (const { folder, record } of labs) {
    process.kill(record.pid, 'SIGKILL');
    await until(`${folder} is still there`, 30_000, () => !existsSync(folder));
  }
  console.log(`${labs.length === 1 ? '1 lab' : `${labs.length} labs`} torn down`);
  return 0;
}

async function status(): Promise<number> {
  for (const { folder, record } of await running()) {
    console.log(`${basename(folder)} (${existsSync(`${folder}/hold`) ? 'kept' : 'of a test'})`);
    for (const { name, pid, uri } of record.hosts) {
      const [program = '', ...rest] = inside(pid, ['virsh', '--quiet', 'list', '--all', '--name']);
      const { status: ended, stdout } = spawnSync(program, rest, { encoding: 'utf8', timeout: 5000 });
      const guests = stdout.split('\n').filter(Boolean);
      console.log(`  ${name}  ${ended === 0 ? `guests: ${guests.join(', ') || 'none'}` : 'does not answer'}  ${uri}`);
    }
  }
  return 0;
}

async function exec(name: string, argv: readonly string[]): Promise<number> {
  const host = (await kept()).flatMap(({ record }) => record.hosts).find((one) => one.name === name);
  if (!host) throw new Error(`no lab that was brought up has a host ${name}`);
  const [program = '', ...rest] = inside(host.pid, argv);
  return spawnSync(program, rest, { stdio: 'inherit' }).status ?? 1;
}

function main([command, ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case 'up':
      return up(Number(rest.find((word) => !word.startsWith('--')) ?? 2), rest.includes('--tls'));
    case 'down':
      return down(rest);
    case 'status':
      return status();
    case 'exec':
      return exec(rest[0] ?? '', rest.slice(1));
    case undefined:
    default:
      console.error(usage);
      return Promise.resolve(2);
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
