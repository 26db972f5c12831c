import { readdir, readFile, symlink, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../lab/describe.js';
import { firmwareGuest } from '../lab/guest/machine.js';
import type { Lab } from '../lab/namespaces/lab.js';
import { openLab } from '../lab/namespaces/lab.js';
import { berth, scratch } from './berth.js';

const home = await scratch();

describeLab('berth import from real hosts', ['hypervisors'], () => {
  let lab: Lab;
  let from: readonly string[];
  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
    for (const [index, host] of lab.hosts.entries()) {
      const disk = `${lab.sharedFolder}/${host.name}.raw`;
      await host.exec(['truncate', '-s', '1G', disk]);
      const guest = firmwareGuest({ name: `vm-${host.name}`, number: index + 1, disks: [{ file: disk }] });
      await host.exec(['sh', '-c', `cat > /tmp/${host.name}.xml`], guest);
      await host.virsh('define', `/tmp/${host.name}.xml`);
      if (index === 0) await host.virsh('start', `vm-${host.name}`);
    }
    from = lab.hosts.flatMap((host) => ['--from', `${host.name}=${host.uri}`]);
  });
  afterAll(() => lab.close());

  it('writes documents that are valid', async () => {
    const out = join(home, 'repository');
    const done = await berth(['import', ...from, '--out', out, '--cluster', 'lab', '--shared-path', lab.sharedFolder], {
      home,
    });
    expect(done).toMatchObject({ code: 0, stdout: `✔ wrote 5 files (2 hosts, 2 machines) to ${out}\n` });
    expect(done.stderr).toContain('! vm-h2 does not run: it is written with suspend, so that no plan starts it\n');
    const valid = await berth(['validate', out], { home });
    expect(valid).toMatchObject({ code: 0, stdout: expect.stringContaining('lab: 2 hosts, 2 machines') as string });
    const planned = await berth(['plan', '--source', out, '--detailed-exitcode', '-o', 'json'], { home });
    expect(planned, planned.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(planned.stdout)).toMatchObject({ moves: [], steps: [], drift: [] });
    const machine = await readFile(join(out, 'machines', 'vm-h1.yaml'), 'utf8');
    expect(machine).toContain('memoryMiB: 64\n  disks:\n    - name: vda\n      sizeGiB: 1\n      storage: shared\n');
  });

  it('prints what it would write without --out, and names a host by itself', async () => {
    const [first] = lab.hosts;
    const done = await berth(['import', '--from', first?.uri ?? ''], { home });
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/^# cluster\.yaml\n/);
    expect(done.stdout).toContain('kind: VirtualMachine\nmetadata:\n  name: vm-h1\n');
  });

  it('overwrites nothing unless it is asked to, and then follows no link', async () => {
    const out = join(home, 'taken');
    await mkdir(out);
    await writeFile(join(out, 'hosts.yaml'), 'mine');
    const refused = await berth(['import', ...from, '--out', out], { home });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('has hosts.yaml already; nothing was written');
    expect(await readdir(out)).toEqual(['hosts.yaml']);
    expect((await berth(['import', ...from, '--out', out, '--force'], { home })).code).toBe(0);
    expect(await readFile(join(out, 'hosts.yaml'), 'utf8')).toContain('kind: Host');

    const linked = join(home, 'linked');
    await mkdir(linked);
    await writeFile(join(home, 'elsewhere'), 'untouched');
    await symlink(join(home, 'elsewhere'), join(linked, 'cluster.yaml'));
    expect((await berth(['import', ...from, '--out', linked, '--force'], { home })).code).toBe(1);
    expect(await readFile(join(home, 'elsewhere'), 'utf8')).toBe('untouched');
  });

  it('refuses the same host twice, and says which host does not answer', async () => {
    const [first] = lab.hosts;
    const uri = first?.uri ?? '';
    const twice = await berth(['import', '--from', `a=${uri}`, '--from', `b=${uri}`], { home });
    expect(twice).toMatchObject({ code: 1, stdout: '' });
    expect(twice.stderr).toContain('are hosts with the same identity');
    const nobody = await berth(['import', '--from', 'qemu+unix:///system?socket=/nowhere'], { home });
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toContain('qemu+unix:///system?socket=/nowhere: ');
    const bad = await berth(['import', '--from', 'qemu+tcp://host/system'], { home });
    expect(bad.stderr).toContain('the transport tcp is not supported');
  });
});
