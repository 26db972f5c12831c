import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { berth, copyExample, scratch, type Finished } from './berth.js';

const home = await scratch();

/** A copy of the drain example with a state folder of its own. */
async function bench(name: string): Promise<{ folder: string; run: (...args: string[]) => Promise<Finished> }> {
  const folder = await copyExample('02-maintenance-drain', join(home, name));
  const env = { BERTH_STATE: join(home, `${name}-state`), BERTH_SOURCE: folder };
  return { folder, run: (...args) => berth(args, { home, env }) };
}

describe('berth plan', () => {
  it('exits with 2 when there are changes and --detailed-exitcode is given, else with 0', async () => {
    const { run } = await bench('detailed');
    expect((await run('plan', '--detailed-exitcode')).code).toBe(2);
    expect((await run('plan')).code).toBe(0);
  });

  it('writes JSON and YAML with the same content, and Markdown, SARIF and annotations for CI', async () => {
    const { run } = await bench('formats');
    const json = JSON.parse((await run('plan', '-o', 'json')).stdout) as Record<string, unknown>;
    expect(json).toMatchObject({ format_version: '1.0', cluster: 'campus', base_revision: 'folder' });
    expect(parse((await run('plan', '-o', 'yaml')).stdout)).toEqual(json);
    expect((await run('plan', '-o', 'markdown')).stdout).toContain('web-1');
    expect(JSON.parse((await run('plan', '-o', 'sarif')).stdout)).toMatchObject({ version: '2.1.0' });
    expect((await run('plan', '-o', 'github')).stdout).toMatch(/^::(warning|error|notice) /m);
  });

  it('annotates each move where its machine is written, and adds the plan to the summary of the CI step', async () => {
    const { folder } = await bench('annotated');
    const summary = join(home, 'summary.md');
    await writeFile(summary, 'before\n');
    const env = { BERTH_STATE: join(home, 'annotated-state'), GITHUB_STEP_SUMMARY: summary };
    const { stdout } = await berth(['plan', folder, '-o', 'github'], { home, env });
    expect(stdout).toMatch(
      /^::notice file=machines\.yaml,line=\d+,col=\d+,title=Move::web-1: node-1 → node-\d \([\w-]+\), because host node-1 is drained/m,
    );
    expect(stdout.match(/^::notice /gm)).toHaveLength(4);
    const { stdout: markdown } = await berth(['plan', folder, '-o', 'markdown'], { home, env });
    const withoutTimes = (text: string): string => text.replace(/plan `.*/g, '');
    expect(withoutTimes(await readFile(summary, 'utf8'))).toBe(withoutTimes(`before\n${markdown}`));
  });

  it('changes nothing: not the cluster, not the state, not the repository', async () => {
    const { run } = await bench('dry');
    const before = await run('get', 'machines', '-o', 'json');
    await run('plan');
    expect((await run('get', 'machines', '-o', 'json')).stdout).toBe(before.stdout);
    expect((await run('get', 'reservations')).stdout.trim().split('\n')).toHaveLength(6);
    await expect(readFile(join(home, 'dry-state'))).rejects.toThrow(/ENOENT/);
  });

  it('needs no hypervisor when it reads the observed state from the status branch or from a file', async () => {
    const { folder, run } = await bench('observed');
    expect((await run('plan', '--observed', 'git')).stderr).toMatch(/NoObservedState/);
    await run('reconcile');
    const cluster = join(folder, 'cluster.yaml');
    const simulated = await readFile(cluster, 'utf8');
    const reach = (...hosts: readonly string[]) =>
      writeFile(
        cluster,
        simulated.replace('driver: simulator', 'driver: libvirt').replace(/scenario: .*/, `hosts: { ${hosts.join()} }`),
      );
    await reach('node-1: { uri: "qemu+tcp://node-1/system" }');
    for (const observed of ['live', 'git']) {
      const { code, stderr } = await run('plan', '--observed', observed);
      expect(code).toBe(1);
      expect(stderr).toMatch(/cluster\.yaml:9:\d+: error: connection\.hosts\.node-1\.uri: .*BadConnection/);
      expect(stderr).toMatch(/hosts\.yaml:16:9: error: .* host node-2 .*HostNotConnected/);
    }
    await reach(
      ...['node-1', 'node-2', 'node-3'].map((host) => `${host}: { uri: "qemu:///system?socket=/no/${host}" }`),
    );
    const live = await run('plan');
    expect(live.stderr).toMatch(/cluster\.yaml:9:\d+: warning: no machine can migrate to host node-1: .*NoPeerAddress/);
    expect(live.stderr).toContain('! host node-1 does not answer: ');
    const { code, stdout } = await run('plan', '--observed', 'git');
    expect(stdout).toContain('licence-1  MachineSuspended');
    expect(code).toBe(0);
  });

  it('asks which cluster is meant when a repository has several', async () => {
    const { folder, run } = await bench('clusters');
    const text = await readFile(join(folder, 'cluster.yaml'), 'utf8');
    await writeFile(join(folder, 'second.yaml'), text.replace('name: campus', 'name: other'));
    const { code, stderr } = await run('plan');
    expect(stderr).toMatch(/MissingCluster|WhichCluster/);
    expect(code).not.toBe(0);
  });
});

describe('berth apply', () => {
  it('carries out the plan of the file, and refuses it a second time with 4', async () => {
    const { run } = await bench('apply');
    const file = join(home, 'plan.json');
    await run('plan', '--out', file);
    const { plan_hash: hash } = JSON.parse(await readFile(file, 'utf8')) as { plan_hash: string };
    const applied = await run('apply', file);
    expect(applied.stdout).toMatch(/4 of 4 moves done/);
    expect(applied.code).toBe(0);
    const status = JSON.parse((await run('status', '-o', 'json')).stdout) as {
      kind: string;
      status: { planHash: string };
    }[];
    expect(status.find(({ kind }) => kind === 'ClusterStatus')?.status.planHash).toBe(hash);
    const again = await run('apply', file);
    expect(again.stdout).toMatch(/StalePlan/);
    expect(again.code).toBe(4);
    expect((await run('status')).stdout).not.toContain('StalePlan');
  });

  it('refuses a plan that somebody changed', async () => {
    const { run } = await bench('tampered');
    const file = join(home, 'tampered.json');
    await run('plan', '--out', file);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('node-3', 'node-2'));
    const { code, stderr } = await run('apply', file);
    expect(stderr).toMatch(/hash/i);
    expect(code).toBe(1);
  });

  it('asks the policies again: a plan over the blast radius is denied with 3 and nothing moves', async () => {
    const { folder, run } = await bench('denied');
    const policy = join(folder, 'policies', 'migration.yaml');
    await writeFile(policy, (await readFile(policy, 'utf8')).replace('maxMoves: 10', 'maxMoves: 1'));
    const { code, stdout } = await run('reconcile');
    expect(stdout).toMatch(/BlastRadius/);
    expect(code).toBe(3);
    expect((await run('get', 'vm', 'web-1')).stdout).toContain('node-1');
  });

  it('waits for an approval that names the hash of the plan, and goes ahead with it', async () => {
    const { folder, run } = await bench('approval');
    const policy = join(folder, 'policies', 'migration.yaml');
    await writeFile(
      policy,
      (await readFile(policy, 'utf8')).replace('forwardSeconds: 20', 'forwardSeconds: 20\n  approval: required'),
    );
    expect(await run('reconcile')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('ApprovalRequired') as string,
    });
    const { plan_hash: hash } = JSON.parse((await run('plan', '-o', 'json')).stdout) as { plan_hash: string };
    await writeFile(
      join(folder, 'approval.yaml'),
      `apiVersion: berth/v1alpha1\nkind: Approval\nmetadata:\n  name: drain\nspec:\n  planHash: ${hash}\n  approvedBy: ops@example.com\n`,
    );
    expect(await run('reconcile')).toMatchObject({ code: 0, stdout: expect.stringContaining('4 of 4') as string });
  });

  it('tells progress as NDJSON on stdout with -o json, the summary last', async () => {
    const { run } = await bench('ndjson');
    const { code, stdout, stderr } = await run('reconcile', '-o', 'json');
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const record of records) {
      expect(record).toMatchObject({ '@level': 'info', '@message': expect.any(String) as string });
      expect(record['@timestamp']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    }
    const types = records.map(({ type }) => type);
    expect(new Set(types)).toEqual(
      new Set(['planned_change', 'apply_start', 'apply_progress', 'apply_complete', 'change_summary']),
    );
    expect(types.at(-1)).toBe('change_summary');
    expect(records.at(-1)).toMatchObject({ result: 'succeeded', cluster: 'campus' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
