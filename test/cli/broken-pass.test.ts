import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { closeCluster, type OpenCluster, openClusters } from '../../src/cli/open-clusters.js';
import { type PassResult, tryPass } from '../../src/cli/pass.js';
import type { Hypervisor } from '../../src/ports/index.js';
import { nextPass } from '../../src/reconcile/index.js';
import { berth, copyExample, scratch } from './berth.js';

const home = await scratch();
const SIMULATED_PACE = 1_000;
const opened: OpenCluster[] = [];

afterEach(async () => {
  for (const cluster of opened.splice(0)) await closeCluster(cluster);
});

/** The swap example as a plain folder: two machines change places. */
const swap = (name: string): Promise<string> => copyExample('03-anti-affinity-swap', join(home, name));

/** Its cluster, by a process that has read nothing yet. */
async function open(folder: string): Promise<OpenCluster> {
  const options = {
    source: folder,
    statusBranch: 'berth/status',
    author: 'B <b@example.com>',
    state: `${folder}-state`,
  };
  const [cluster] = await openClusters(options, {}, SIMULATED_PACE);
  if (cluster === undefined) throw new Error('the example describes no cluster');
  opened.push(cluster);
  return cluster;
}

const pass = (cluster: OpenCluster, parts: Partial<Hypervisor> = {}): Promise<PassResult> => {
  const { hypervisor } = cluster.ports;
  const meddled: Hypervisor = {
    capabilities: hypervisor.capabilities,
    observe: () => hypervisor.observe(),
    perform: (action, context) => hypervisor.perform(action, context),
    close: () => hypervisor.close(),
    ...parts,
  };
  const ports = { ...cluster.ports, hypervisor: meddled };
  return tryPass({ ...cluster, ports }, null, new AbortController().signal, () => undefined);
};

const statusOf = ({ published }: PassResult): string => published?.documents.get('clusters/pair/status.yaml') ?? '';

describe('a pass in which something throws', () => {
  it.each<{ where: string; parts: Partial<Hypervisor> }>([
    { where: 'when the driver is asked what is there', parts: { observe: () => Promise.reject(new Error('socket')) } },
    { where: 'when the driver is to act', parts: { perform: () => Promise.reject(new Error('socket')) } },
  ])('$where says so in the status, comes again soon, and recovers', { timeout: 60_000 }, async ({ where, parts }) => {
    const cluster = await open(await swap(where.replaceAll(' ', '-')));
    const broken = await pass(cluster, parts);
    expect(broken.error).toMatchObject({ message: 'socket' });
    expect(broken.facts.hold).toEqual({ reason: 'Failed', message: 'socket' });
    expect(nextPass(broken.facts, 0, 60, 0)).toMatchObject({ afterSeconds: 5, reason: 'ProgressingWithRetry' });
    expect(statusOf(broken)).toMatch(/reason: ProgressingWithRetry\n\s+message: socket/);
    let last = await pass(cluster);
    expect(last.error).toBeNull();
    for (let again = 0; again < 3 && last.facts.plan?.moves.length !== 0; again++) last = await pass(cluster);
    expect(last.facts).toMatchObject({ hold: null, plan: { moves: [] } });
  });

  it.each([
    { file: 'journal.ndjson', remedy: /journal\.ndjson: record 1 .*restore the file from a backup/ },
    { file: 'ledger.json', remedy: /ledger\.json is damaged.*Restore it from a backup/ },
    { file: 'lease.json', remedy: /lease\.json is damaged.*remove the file/ },
  ])('of a damaged $file does nothing and says what to do', { timeout: 60_000 }, async ({ file, remedy }) => {
    const folder = await swap(`damaged-${file}`);
    const cluster = await open(folder);
    await pass(cluster);
    const path = join(cluster.ports.state, file);
    const bytes = readFileSync(path);
    bytes[50] = (bytes[50] ?? 0) ^ 0x41;
    writeFileSync(path, bytes);
    const before = readFileSync(join(cluster.ports.state, 'simulator.json'), 'utf8');

    const again = await open(folder);
    const damaged = await pass(again);
    expect(damaged.facts.hold?.reason).toBe('StateDamaged');
    expect(damaged.facts.hold?.message).toMatch(remedy);
    expect(statusOf(damaged)).toMatch(/type: Stalled\n\s+status: "True"/);
    expect(statusOf(damaged)).toContain(file);
    const command = await berth(['reconcile', folder, '--state', `${folder}-state`], { home });
    expect(command.code).toBe(1);
    expect(command.stderr.replaceAll(/\s+/g, ' ')).toMatch(remedy);
    expect(readFileSync(join(again.ports.state, 'simulator.json'), 'utf8')).toBe(before);
    expect(readdirSync(again.ports.state)).toContain(file);
  });
});
