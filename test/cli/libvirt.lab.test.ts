import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documents } from '../lab/demo/documents.js';
import { Repository } from '../lab/demo/repository.js';
import { describeLab } from '../lab/describe.js';
import { firmwareGuest } from '../lab/guest/machine.js';
import type { LabHost } from '../lab/namespaces/host.js';
import { openLab, type Lab } from '../lab/namespaces/lab.js';
import { berth, MAIN, scratch } from './berth.js';
import { daemon } from './daemon.js';

const home = await scratch();
const machines = [{ name: 'cell-1', app: 'web', memoryMiB: 64 }];

describeLab('the program with real hosts', ['hypervisors'], () => {
  let lab: Lab;
  let repository: Repository;
  const [source, target] = [() => hostAt(0), () => hostAt(1)];
  const hostAt = (index: number): LabHost => {
    const host = lab.hosts[index];
    if (host === undefined) throw new Error('the lab has too few hosts');
    return host;
  };
  const commit = (drained: string | null): Promise<string> =>
    repository.commit(`Drain ${drained ?? 'nothing'}`, documents(lab, { drained, machines }));
  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
    repository = await Repository.create(join(home, 'fleet'));
    const file = join(lab.sharedFolder, 'cell-1.xml');
    writeFileSync(file, firmwareGuest({ name: 'cell-1', number: 1 }));
    await source().virsh('define', file);
    await source().virsh('start', 'cell-1');
    await commit(null);
  });
  afterAll(() => lab.close());

  it('says why a host does not answer, and goes on without it', async () => {
    await target().killDaemon();
    const seen = await berth(['get', 'hosts', '-s', repository.folder], { home });
    expect(seen.stdout).toMatch(/^h1 .* up /m);
    expect(seen.stdout).toMatch(/^h2 .* unknown /m);
    // The first refusal is enough; nothing waits for the next attempt.
    expect(seen.stderr).toMatch(/^! host h2 does not answer: \S.*ECONNREFUSED.*\n$/);
    expect(seen.stderr).not.toContain('no connection within');
    expect(seen.code).toBe(0);
    const passed = await berth(['reconcile', repository.folder], { home });
    expect(passed.stderr).toMatch(/^! host h2 does not answer: /m);
    await target().startDaemon();
    expect(await berth(['plan', repository.folder], { home })).toMatchObject({ code: 0, stderr: '' });
  });

  it('outlives a restart of libvirtd as a daemon: tells it once, and carries out what is committed afterwards', async () => {
    const child = spawn(process.execPath, [MAIN, 'reconcile', repository.folder, '--watch', '--listen', '0'], {
      env: { PATH: process.env['PATH'], HOME: home },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      const records: Record<string, unknown>[] = [];
      createInterface(child.stderr).on('line', (line) => records.push(JSON.parse(line) as Record<string, unknown>));
      const said = (message: RegExp) => () => records.filter(({ msg }) => message.test(String(msg))).length;
      const patience = { timeout: 60_000, interval: 100 };
      await expect.poll(said(/^nothing to do/), patience).toBeGreaterThan(0);
      await target().killDaemon();
      await commit(target().name);
      await expect.poll(said(/^host h2 does not answer: /), patience).toBe(1);
      await target().startDaemon();
      await commit(source().name);
      await expect.poll(said(/^plan carried out/), patience).toBe(1);
      expect(said(/^all hosts answer again/)()).toBe(1);
      expect(await target().guests()).toEqual(['cell-1']);
      expect(await source().guests()).toEqual([]);
      const url = String(records.find(({ url }) => typeof url === 'string')?.['url']);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toContain('berth_migrations_total{strategy="vfio-live",result="succeeded"} 1');
      expect(metrics).toContain('berth_migration_downtime_seconds_count 1');
      expect(metrics).not.toContain('berth_migration_downtime_seconds_sum 0\n');
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('moves a machine to a host that a commit adds while the daemon runs', async () => {
    const isHere = (await source().guests()).includes('cell-1');
    const [here, there] = isHere ? [source(), target()] : [target(), source()];
    await repository.commit('Know one host', documents({ hosts: [here] }, { drained: null, machines }));
    const { child, seen, records } = await daemon(home, repository.folder);
    await seen(({ msg }) => msg === 'nothing to do');
    await commit(here.name);
    await seen(({ msg }) => msg === 'plan carried out');
    expect(await there.guests()).toEqual(['cell-1']);
    expect(await here.guests()).toEqual([]);
    expect(records.filter(({ msg }) => /opened anew/.test(String(msg)))).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }, 120_000);
});
