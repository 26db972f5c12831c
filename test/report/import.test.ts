import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDocumentCache, loadDesired } from '../../src/documents/index.js';
import { HostView } from '../../src/drivers/libvirt/inventory/index.js';
import type { Host, Machine, World } from '../../src/model/index.js';
import { plan } from '../../src/planner/index.js';
import { importDocuments } from '../../src/report/index.js';
import type { FoundHost } from '../../src/report/index.js';
import { treeOf } from '../documents/tree.js';
import { guestXml, smallHost, VFS } from '../drivers/libvirt/inventory/scripted-host.js';
import { pciXml } from '../drivers/libvirt/inventory/fixture.js';

const GPU = '0000:41:00.0';

/** A host as the driver finds it: a NIC with VFs, a GPU, one machine that has one of each, and one that is defined only. */
async function found(name: string): Promise<FoundHost> {
  const scripted = smallHost();
  scripted.devicesByName.set('gpu', pciXml({ bdf: GPU, class: '030200', vendor: '10de', product: '2235', group: 30 }));
  const gpu =
    "<hostdev type='pci'><source><address bus='0x41' slot='0x00' function='0x0'/></source><alias name='ua-gpu'/></hostdev>";
  const disk = "<disk type='file'><source file='/srv/a'/><target dev='vda'/></disk>";
  const xml = guestXml(`${name}-vm`, [VFS[0]]).replace('</devices>', `${gpu}${disk}</devices>`);
  const ownMacs = (text: string, kind: string): string =>
    text.replaceAll('52:54:00:00:00:', `52:54:00:${name.slice(-1)}${kind}:00:`);
  scripted.domainsByName.clear();
  scripted.domainsByName.set(`${name}-vm`, {
    id: 1,
    xml: ownMacs(xml, '0'),
    diskBytes: new Map([['vda', 2.5 * 2 ** 30]]),
  });
  scripted.domainsByName.set(`${name}-idle`, { id: null, xml: ownMacs(guestXml(`${name}-idle`, [VFS[1]]), '1') });
  const seen = await new HostView(scripted, { host: name, now: () => 0, resyncMs: 1 }).observe();
  const machines = seen.machines.map((machine) => ({
    machine,
    devices: seen.domains.get(machine.name)?.domain.devices ?? [],
    disks: machine.diskGiB === 0 ? [] : [{ name: 'vda', sizeGiB: machine.diskGiB, shared: false }],
  }));
  return { name, uri: `qemu+tls://${name}/system`, host: seen.host, machines };
}

function machineOf(name: string, over: Partial<Machine> = {}): FoundHost['machines'][number] {
  const machine: Machine = {
    name,
    host: 'a',
    state: 'running',
    vcpus: 1,
    memoryMiB: 64,
    hugepageSizeKiB: 0,
    numaNode: null,
    assignments: [],
    staged: [],
    standby: true,
    dirtyMibps: 0,
    diskGiB: 0,
    sharedDisks: true,
    job: null,
    ...over,
  };
  return { machine, devices: [], disks: [] };
}

const bare: Host = {
  name: 'a',
  state: 'up',
  cpuModel: '',
  cpuFeatures: [],
  machineTypes: [],
  ptp: false,
  numaNodes: [],
  devices: [],
  migrationMibps: 100,
};

const on = (name: string, machines: FoundHost['machines']): FoundHost => ({
  name,
  uri: `qemu+tls://${name}/system`,
  host: bare,
  machines,
});

function worldOf(hosts: readonly FoundHost[]): World {
  return {
    cluster: 'edge',
    at: 0,
    hosts: hosts.map(({ host }) => host),
    machines: hosts.flatMap(({ machines }) => machines.map(({ machine }) => machine)),
    ...{ dummies: [], switchPorts: [], forwards: [], latencies: [], reservations: [], samples: [], lastMoves: [] },
  };
}

function textsOf(files: ReturnType<typeof importDocuments>['files']): Readonly<Record<string, string>> {
  return Object.fromEntries(files.map(({ path, text }) => [path, text]));
}

describe('documents of what is there', () => {
  it('are valid, and a plan made of them moves and starts nothing', async () => {
    const hosts = [await found('host-a'), await found('host-b')];
    const { files, remarks } = importDocuments('edge', hosts);
    expect(files.map(({ path }) => path)).toEqual([
      'cluster.yaml',
      'access-groups.yaml',
      'hosts.yaml',
      'device-classes.yaml',
      'machines/host-a-idle.yaml',
      'machines/host-a-vm.yaml',
      'machines/host-b-idle.yaml',
      'machines/host-b-vm.yaml',
    ]);
    const loaded = await loadDesired(treeOf(textsOf(files)), createDocumentCache());
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 1));
    expect(loaded.warnings).toEqual([]);
    const [desired] = loaded.value;
    if (desired === undefined) throw new Error('there is no cluster');
    const result = plan(desired, worldOf(hosts));
    expect([result.moves, result.steps, result.drift, result.refusals]).toEqual([[], [], [], []]);
    expect(remarks).toEqual([
      'host-a-idle does not run: it is written with suspend, so that no plan starts it',
      'host-b-idle does not run: it is written with suspend, so that no plan starts it',
    ]);
  });

  it('name classes by port and by model, and claims by the aliases of the devices', async () => {
    const { files } = importDocuments('edge', [await found('host-a')]);
    const text = (path: string): string => files.find((one) => one.path === path)?.text ?? '';
    expect(text('device-classes.yaml')).toContain(
      'name: ens1-vf\nspec:\n  type: vf\n  vendors:\n    - "8086"\n  physicalNetwork: ens1\n',
    );
    expect(text('device-classes.yaml')).toContain('name: gpu-10de-2235\nspec:\n  type: function\n');
    expect(text('hosts.yaml')).toContain('ports:\n    - netdev: ens1\n      physicalNetwork: ens1\n');
    expect(text('machines/host-a-vm.yaml')).toContain(
      '- name: net0\n      class: ens1-vf\n      mac: 52:54:00:a0:00:00\n',
    );
    expect(text('machines/host-a-vm.yaml')).toContain('- name: gpu\n      class: gpu-10de-2235\n');
    expect(text('machines/host-a-vm.yaml')).toContain('sizeGiB: 3\n      storage: local\n');
    expect(text('cluster.yaml')).toContain('host-a:\n        uri: qemu+tls://host-a/system\n');
  });

  it.each([
    { reason: 'a name that no document can have', name: 'VM with spaces', told: '"VM with spaces" on a is left out' },
    {
      reason: 'a name that would lead out of the folder',
      name: '../../etc/cron',
      told: '"../../etc/cron" on a is left out',
    },
    {
      reason: 'a name that would end the document',
      name: 'x\n---\nkind: Cluster',
      told: String.raw`"x\n---\nkind: Cluster" on a is left out`,
    },
  ])('leave a machine out that has $reason', ({ name, told }) => {
    const { files, remarks } = importDocuments('edge', [on('a', [machineOf(name)])]);
    expect(files.map(({ path }) => path)).toEqual(['cluster.yaml', 'access-groups.yaml', 'hosts.yaml']);
    expect(remarks[0]).toContain(told);
  });

  it('are of the copy that runs when a machine is on two hosts', () => {
    const idle = machineOf('twice', { state: 'stopped', vcpus: 7 });
    const { files, remarks } = importDocuments('edge', [on('a', [idle]), on('b', [machineOf('twice')])]);
    expect(files.find(({ path }) => path === 'machines/twice.yaml')?.text).toContain('vcpus: 1\n');
    expect(remarks).toEqual(['twice is on b and on a; what is on a is left out']);
  });

  it('give an address that two machines have to the one that runs', () => {
    const device = { claim: 'net', device: VFS[0], guestAddress: '', mac: '52:54:00:00:00:01', vlan: null };
    const idle = { ...machineOf('a', { state: 'stopped' }), devices: [device] };
    const { remarks } = importDocuments('edge', [on('a', [idle, { ...machineOf('b'), devices: [device] }])]);
    expect(remarks).toContain('a is written without the address 52:54:00:00:00:01, which b has too');
  });

  it('leave out, and tell of, devices that the host does not have and disks of no known size', () => {
    const device = { claim: 'net', device: VFS[0], guestAddress: '', mac: null, vlan: null };
    const disk = { name: 'vda', sizeGiB: 0, shared: true };
    const { files, remarks } = importDocuments('edge', [
      on('a', [{ ...machineOf('vm'), devices: [device], disks: [disk] }]),
    ]);
    expect(files.find(({ path }) => path === 'machines/vm.yaml')?.text).not.toMatch(/devices|disks/);
    expect(remarks).toEqual([
      'vm is written without its device "net": a has no device 0000:01:10.0',
      'vm is written without its disk "vda": the host does not tell its size',
    ]);
  });

  /** A host of one cell with so many CPUs and so much memory. */
  const hostOf = (name: string, cpus: number, memoryMiB: number, isolatedCpus = 0): Host => {
    return { ...bare, name, numaNodes: [{ id: 0, cpus, isolatedCpus, memoryMiB, hugepages: [] }] };
  };

  const overcommitted: readonly {
    reason: string;
    host: Host;
    machines: readonly Partial<Machine>[];
    written: string;
    told: readonly string[];
  }[] = [
    {
      reason: 'machines that fit',
      host: hostOf('a', 8, 4096),
      machines: [{ vcpus: 8, memoryMiB: 4096 }],
      written: 'expect:\n    cpus: 8\n    numaNodes: 1\n',
      told: [],
    },
    {
      reason: 'more CPUs than it has',
      host: hostOf('a', 8, 4096),
      machines: [{ vcpus: 6 }, { vcpus: 4 }],
      written: 'cpuAllocationRatio: 1.25\n  expect:\n    cpus: 8\n',
      told: ['a has 8 CPUs for 10 of the machines that run there: it is written with cpuAllocationRatio 1.25'],
    },
    {
      reason: 'more CPUs than those that are not isolated',
      host: hostOf('a', 8, 4096, 6),
      machines: [{ vcpus: 10 }],
      written: 'cpuAllocationRatio: 2\n',
      told: ['a has 8 CPUs for 10 of the machines that run there: it is written with cpuAllocationRatio 2'],
    },
    {
      reason: 'more CPUs than can be written',
      host: hostOf('a', 1, 4096),
      machines: [{ vcpus: 65 }],
      written: 'cpuAllocationRatio: 64\n  expect:\n    numaNodes: 1\n',
      told: [
        'a has 1 CPUs for 65 of the machines that run there: it is written with cpuAllocationRatio 64, which is the highest, and without its number of CPUs',
      ],
    },
    {
      reason: 'machines that are stopped, however large',
      host: hostOf('a', 8, 4096),
      machines: [{ vcpus: 8 }, { vcpus: 512, memoryMiB: 1_000_000, state: 'stopped' }],
      written: 'accessGroup: imported\n  expect:\n    cpus: 8\n',
      told: ['vm-1 does not run: it is written with suspend, so that no plan starts it'],
    },
    {
      reason: 'more memory than it has',
      host: hostOf('a', 8, 4096),
      machines: [{ memoryMiB: 4000 }, { memoryMiB: 4000 }],
      written: 'accessGroup: imported\n  expect:\n    cpus: 8\n',
      told: [
        'a has 4096 MiB of memory for 8000 of the machines that run there: Berth hands memory out once, and brings no machine there until some have left or are smaller',
      ],
    },
  ];
  it.each(overcommitted)('are valid for a host with $reason', async ({ host, machines, written, told }) => {
    const found = {
      ...on(
        'a',
        machines.map((over, index) => machineOf(`vm-${index}`, over)),
      ),
      host,
    };
    const { files, remarks } = importDocuments('edge', [found]);
    expect(files.find(({ path }) => path === 'hosts.yaml')?.text).toContain(written);
    expect(remarks).toEqual(told);
    expect(await loadDesired(treeOf(textsOf(files)), createDocumentCache())).toMatchObject({ ok: true });
  });

  it('are valid, and ask for nothing, whatever the sizes of machines are', async () => {
    const seed = Number(process.env['SEED'] ?? 20260105);
    const size = fc.record({
      vcpus: fc.integer({ min: 1, max: 300 }),
      memoryMiB: fc.integer({ min: 1, max: 9000 }),
      hugepageSizeKiB: fc.constantFrom(0, 0, 4, 2048, 1_048_576),
      numaNode: fc.constantFrom(null, 0),
      state: fc.constantFrom('running', 'stopped', 'paused'),
    });
    const hosts = fc.array(
      fc.record({
        cpus: fc.integer({ min: 0, max: 16 }),
        isolated: fc.integer({ min: 0, max: 16 }),
        machines: fc.array(size, { maxLength: 5 }),
      }),
      { minLength: 1, maxLength: 3 },
    );
    const property = fc.asyncProperty(hosts, async (drawn) => {
      const found = drawn.map(({ cpus, isolated, machines }, index) => {
        const name = `h${index}`;
        const all = machines.map((over, number) => machineOf(`${name}-${number}`, { ...over, host: name }));
        return { ...on(name, all), host: hostOf(name, cpus, 8192, Math.min(cpus, isolated)) };
      });
      const loaded = await loadDesired(treeOf(textsOf(importDocuments('edge', found).files)), createDocumentCache());
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 1));
      const [desired] = loaded.value;
      if (desired === undefined) throw new Error('there is no cluster');
      const { moves, refusals } = plan(desired, worldOf(found));
      expect({ moves, refusals }).toEqual({ moves: [], refusals: [] });
    });
    await fc.assert(property, { seed, numRuns: Number(process.env['RUNS'] ?? 60) });
  });
});
