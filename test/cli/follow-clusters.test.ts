import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch } from './berth.js';
import { daemon, repository, type Daemon, type Documents } from './daemon.js';

const home = await scratch();

const SOLO = `apiVersion: berth/v1alpha1
kind: Cluster
metadata: { name: solo }
spec:
  driver: simulator
  connection: { scenario: .simulator/solo.yaml }
---
apiVersion: berth/v1alpha1
kind: AccessGroup
metadata: { name: shelf, cluster: solo }
spec: { switch: leaf-9 }
---
apiVersion: berth/v1alpha1
kind: Host
metadata: { name: node-9, cluster: solo }
spec: { accessGroup: shelf }
---
apiVersion: berth/v1alpha1
kind: VirtualMachine
metadata: { name: box, cluster: solo }
spec: { vcpus: 1, memoryMiB: 1024 }
`;
const SOLO_SCENARIO = `hosts:
  - { name: node-9, switch: leaf-9 }
machines:
  - { name: box, host: node-9, vcpus: 1, memoryMiB: 1024 }
`;

/** The repository of {@link repository}, in which every document says that it is of the cluster pair. */
async function ofPair(name: string): Promise<Documents> {
  const documents = await repository(home, name);
  const policies = readdirSync(join(documents.folder, 'policies')).map((file) => join('policies', file));
  for (const file of ['access-groups.yaml', 'hosts.yaml', 'machines.yaml', ...policies])
    await documents.edit(file, (text) => text.replaceAll(/^metadata:\n/gm, 'metadata:\n  cluster: pair\n'));
  documents.commit('Name the cluster');
  return documents;
}

/** Adds the cluster solo, without the hardware unless it is given. */
async function addSolo({ folder, commit }: Documents, scenario: string | null = SOLO_SCENARIO): Promise<string> {
  await writeFile(join(folder, 'solo.yaml'), SOLO);
  if (scenario !== null) await writeFile(join(folder, '.simulator', 'solo.yaml'), scenario);
  return commit('Add solo');
}

/** Another description of the hardware, with a host more, which is what the cluster is reached by from now on. */
async function moveToBigger({ folder, edit }: Documents): Promise<void> {
  const bigger = join(folder, '.simulator', 'bigger.yaml');
  await cp(join(folder, '.simulator', 'cluster.yaml'), bigger);
  const scenario = await readFile(bigger, 'utf8');
  const fourth = '  - { name: node-4, template: node, switch: leaf-1 }\n';
  await writeFile(bigger, scenario.replace('machines:\n', `${fourth}machines:\n`));
  await edit('cluster.yaml', (text) => text.replace('cluster.yaml', 'bigger.yaml'));
  await edit('hosts.yaml', (text) => {
    const third = text.slice(text.lastIndexOf('---\n'));
    return `${text}${third.replace('node-3', 'node-4').replace('1/3', '1/4')}`;
  });
}

const pin = (host: string) => (text: string) =>
  text.replace(/^( {2}role: SMF\n)(?: {2}host: .*\n)?/m, `$1  host: ${host}\n`);

/** The file of a cluster's state. */
function kept({ folder }: Documents, cluster: string, file: string): string {
  const [repositoryState = ''] = readdirSync(`${folder}-state`);
  return readFileSync(join(`${folder}-state`, repositoryState, cluster, file), 'utf8');
}

/** What the status branch says of a machine. */
function statusOf({ git }: Documents, machine: string): string {
  return git('show', `berth/status:clusters/pair/machines/${machine}.yaml`);
}

const about =
  (cluster: string, message: RegExp, revision?: string) =>
  (record: Record<string, unknown>): boolean =>
    record['name'] === cluster &&
    message.test(String(record['msg'])) &&
    (revision === undefined || record['revision'] === revision);

const NOTHING = /^nothing to do/;
const DONE = /^plan carried out/;
const REOPENED = /opened anew/;
const DROPPED = /^no document describes the cluster any more/;

const ready = async ({ url }: Daemon): Promise<number> => (await fetch(`${url}/readyz`)).status;

describe('a daemon whose documents come to describe other clusters', () => {
  it('begins with a cluster that a commit brings, and leaves it alone when a commit takes it away', async () => {
    const documents = await ofPair('more');
    const berth = await daemon(home, documents.folder);
    await berth.seen(about('pair', NOTHING));
    const holder = (): unknown => /"holder":"[^"]+"/.exec(kept(documents, 'pair', 'lease.json'))?.[0];
    const before = holder();

    const added = await addSolo(documents);
    await berth.seen(about('solo', NOTHING, added));
    expect(documents.git('show', 'berth/status:clusters/solo/status.yaml')).toContain(`observedRevision: ${added}`);
    await berth.seen(about('pair', NOTHING, added));

    await rm(join(documents.folder, 'solo.yaml'));
    const removed = documents.commit('Remove solo');
    expect(await berth.seen(about('solo', DROPPED))).toMatchObject({ level: 'warn' });
    await berth.seen(about('pair', NOTHING, removed));
    await documents.edit('hosts.yaml', (text) => text.replace('spec:\n', 'spec:\n  maintenance: drain\n'));
    const drained = documents.commit('Drain node-1');
    await berth.seen(about('pair', DONE, drained));
    expect(berth.records.filter(about('solo', /^/, drained))).toEqual([]);
    expect(await ready(berth)).toBe(200);
    const metrics = await (await fetch(`${berth.url}/metrics`)).text();
    expect(metrics).toContain('name="smf-red"');
    expect(metrics).not.toContain('name="box"');

    const again = await addSolo(documents);
    await berth.seen(about('solo', NOTHING, again));
    // Whatever became of the other cluster, this one was never closed.
    await berth.seen(about('pair', /./, again));
    expect(holder()).toBe(before);
    expect(berth.records.filter(about('pair', REOPENED))).toEqual([]);
    berth.child.kill('SIGTERM');
    expect(await once(berth.child, 'exit')).toEqual([0, null]);
  }, 120_000);

  it('waits for the one that it was asked for, when that is taken away', async () => {
    const documents = await ofPair('asked');
    await addSolo(documents);
    const berth = await daemon(home, documents.folder, documents.folder, '--cluster', 'solo');
    await berth.seen(about('solo', NOTHING));
    await rm(join(documents.folder, 'solo.yaml'));
    documents.commit('Remove solo');
    await berth.seen(about('solo', DROPPED));
    expect(await ready(berth)).toBe(200);
    const again = await addSolo(documents);
    await berth.seen(about('solo', NOTHING, again));
    expect(berth.records.filter(({ name }) => name === 'pair')).toEqual([]);
    berth.child.kill('SIGTERM');
    expect(await once(berth.child, 'exit')).toEqual([0, null]);
  }, 60_000);

  it('says why it cannot open one, goes on with the others, and opens it once it is mended', async () => {
    const documents = await ofPair('unopened');
    const berth = await daemon(home, documents.folder);
    await berth.seen(about('pair', NOTHING));
    const added = await addSolo(documents, null);
    const told = await berth.seen(({ msg }) => msg === 'cannot follow the newest commit yet');
    expect(JSON.stringify(told)).toContain('the scenario of cluster solo is not in the repository');
    await berth.seen(about('pair', NOTHING, added));
    const mended = await addSolo(documents);
    await berth.seen(about('solo', NOTHING, mended));
    expect(berth.records.filter(({ msg }) => msg === told['msg'])).toHaveLength(1);
  }, 60_000);
});

describe('a daemon whose documents come to reach a cluster otherwise', () => {
  it('lets a running move end, opens the cluster anew, and uses a host that is new', async () => {
    const documents = await ofPair('bigger');
    const berth = await daemon(home, documents.folder);
    await berth.seen(about('pair', NOTHING));
    await documents.edit('machines.yaml', pin('node-3'));
    const first = documents.commit('Pin smf-red to node-3');
    // From here on the move goes to its end, whatever comes.
    const migrations = (): number => {
      const { state } = JSON.parse(kept(documents, 'pair', 'simulator.json')) as { state: { migrations: [] } };
      return state.migrations.length;
    };
    await berth.seen(({ stepId }) => stepId !== undefined);
    await expect.poll(migrations, { timeout: 30_000, interval: 50 }).toBe(1);
    await moveToBigger(documents);
    await documents.edit('machines.yaml', pin('node-4'));
    const second = documents.commit('Build node-4, and pin smf-red to it');
    await berth.seen(about('pair', DONE, second));
    expect(statusOf(documents, 'smf-red')).toMatch(/^ *host: node-4$/m);
    const metrics = await (await fetch(`${berth.url}/metrics`)).text();
    expect(metrics).toContain('berth_migrations_total{strategy="vfio-live",result="succeeded"} 2');
    expect(metrics).not.toMatch(/berth_migrations_total.*result="(?!succeeded)/);
    const moves = berth.records.flatMap((one) => (Number(one['moves']) > 0 ? [[one['revision'], one['moves']]] : []));
    expect(moves).toEqual([
      [first, 1],
      [second, 1],
    ]);
    expect(berth.records.filter(about('pair', REOPENED, second))).toHaveLength(1);
    expect(berth.records.filter(({ level }) => level === 'error')).toEqual([]);
    expect(await ready(berth)).toBe(200);
    berth.child.kill('SIGTERM');
    expect(await once(berth.child, 'exit')).toEqual([0, null]);
  }, 120_000);

  it('keeps what is open when the new way does not exist, and says so in the status', async () => {
    const documents = await ofPair('nowhere');
    const berth = await daemon(home, documents.folder);
    await berth.seen(about('pair', NOTHING));
    await documents.edit('cluster.yaml', (text) => text.replace('cluster.yaml', 'nowhere.yaml'));
    await documents.edit('machines.yaml', pin('node-3'));
    const broken = documents.commit('Lose the hardware');
    const said = 'the scenario of cluster pair is not in the repository';
    const told = await berth.seen(about('pair', new RegExp(said), broken));
    expect(told).toMatchObject({ level: 'warn', reason: 'InvalidDocument', moves: 0 });
    expect(documents.git('show', 'berth/status:clusters/pair/status.yaml')).toContain(said);

    await documents.edit('cluster.yaml', (text) => text.replace('nowhere.yaml', 'cluster.yaml'));
    await berth.seen(about('pair', DONE, documents.commit('Find it again')));
    expect(statusOf(documents, 'smf-red')).toMatch(/^ *host: node-3$/m);
    expect(berth.records.filter(about('pair', REOPENED))).toEqual([]);
  }, 120_000);
});
