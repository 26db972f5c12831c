import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serveRepositories } from '../../src/git/index.js';
import { berth, scratch } from './berth.js';
import { daemon, repository } from './daemon.js';

const home = await scratch();

describe('berth reconcile --watch', () => {
  it('is ready after the first pass, follows a commit at once, counts it, and ends in peace on SIGTERM', async () => {
    const { folder, commit } = await repository(home, 'follow');
    const { child, url, seen } = await daemon(home, folder);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await seen(({ msg }) => msg === 'nothing to do');
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);

    const hosts = join(folder, 'hosts.yaml');
    await writeFile(hosts, (await readFile(hosts, 'utf8')).replace('spec:\n', 'spec:\n  maintenance: drain\n'));
    const revision = commit('Drain node-1');
    const record = await seen(
      (one) => one['revision'] === revision && one['msg'] !== undefined && 'planHash' in one && one['moves'] !== 0,
    );
    expect(record).toMatchObject({ level: 'info', kind: 'Cluster', name: 'pair', msg: 'plan carried out', moves: 1 });
    expect(record).toHaveProperty('reconcileId');

    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('berth_migrations_total{strategy="vfio-live",result="succeeded"} 1');
    expect(metrics).toContain('berth_migration_downtime_seconds_count 1');
    expect(metrics).toContain('berth_reservations{phase="Bound"} 2');
    expect(metrics).toMatch(
      /berth_resource_info\{kind="VirtualMachine",name="smf-red",ready="True",suspended="false"\} 1/,
    );
    expect(metrics).toMatch(/berth_git_request_total\{operation="push",result="succeeded"\} \d/);
    expect(metrics).toMatch(/berth_reconcile_duration_seconds_count [2-9]/);
    expect(metrics).toMatch(/berth_plan_duration_seconds_count [2-9]/);

    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }, 120_000);

  it('says why it cannot start yet, and starts once the documents are mended', async () => {
    const { folder, commit } = await repository(home, 'mended');
    await appendFile(join(folder, 'cluster.yaml'), 'nonsense: true\n');
    commit('Break it');
    const { child, url, seen } = await daemon(home, folder);
    const record = await seen(({ msg }) => msg === 'cannot start yet');
    expect(JSON.stringify(record['err'])).toContain('nonsense');
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const cluster = join(folder, 'cluster.yaml');
    await writeFile(cluster, (await readFile(cluster, 'utf8')).replace('nonsense: true\n', ''));
    commit('Mend it');
    await seen(({ msg }) => msg === 'nothing to do');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('notices at once, between passes, that it is suspended and that it may go on', async () => {
    const { folder } = await repository(home, 'suspended');
    const { records, seen } = await daemon(home, folder);
    await seen(({ msg }) => msg === 'nothing to do');
    const run = (command: string) =>
      berth([command, '--source', folder], { home, env: { BERTH_STATE: `${folder}-state` } });
    expect((await run('suspend')).code).toBe(0);
    await seen(({ reason }) => reason === 'Suspended');
    const held = records.length;
    expect((await run('resume')).code).toBe(0);
    await seen((record) => record['msg'] === 'nothing to do' && records.indexOf(record) >= held);
  }, 60_000);

  it('promise 3 (security.md): status waits while git is down, and only the newest one is published then', async () => {
    const { folder, commit } = await repository(home, 'down');
    const bare = `${folder}.git`;
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
    git('clone', '--quiet', '--bare', folder, bare);
    git('-C', bare, 'config', 'http.receivepack', 'true');
    const server = await serveRepositories({ root: home });
    const { records, seen } = await daemon(home, folder, `${server.url}/down.git`);
    await seen(({ msg }) => msg === 'nothing to do');
    const commits = (): number => Number(git('-C', bare, 'rev-list', '--count', 'berth/status'));
    const before = commits();

    const hosts = join(folder, 'hosts.yaml');
    await writeFile(hosts, (await readFile(hosts, 'utf8')).replace('spec:\n', 'spec:\n  maintenance: drain\n'));
    const drained = commit('Drain node-1');
    git('-C', folder, 'push', '--quiet', bare, 'HEAD:main');
    await seen(({ stepId }) => stepId !== undefined);
    await server.close();
    expect(await seen(({ msg }) => msg === 'status is queued until git is back')).toMatchObject({ moves: 1 });
    await seen(({ reason }) => reason === 'GitUnreachable');
    expect(commits()).toBe(before);

    const again = await serveRepositories({ root: home, port: Number(new URL(server.url).port) });
    const sent = records.length;
    await seen((record) => records.indexOf(record) >= sent && typeof record['statusCommit'] === 'string');
    expect(commits()).toBe(before + 1);
    const published = (file: string): string => git('-C', bare, 'show', `berth/status:clusters/pair/${file}`);
    const events = JSON.parse(published('events.json')) as { reason: string }[];
    expect(events.filter(({ reason }) => reason === 'Migrated')).toHaveLength(1);
    expect(published('status.yaml')).toContain(`observedRevision: ${drained}`);
    await again.close();
  }, 240_000);
});
