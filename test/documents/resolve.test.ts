import { describe, expect, it } from 'vitest';
import { builtInRoles, noRole } from '../../src/documents/resolve/built-in-roles.js';
import { createDocumentCache, loadDesired } from '../../src/documents/index.js';
import { BASE, desiredOf, document, machine, problemsOf, treeOf } from './tree.js';

const dus = (more = '') => machine('du-1', `  role: DU\n${more}`);

describe('what a document leaves out', () => {
  it('a machine with nothing but its size gets ordinary defaults', async () => {
    const { machines } = await desiredOf({ 'vm.yaml': machine('vm-1') });
    expect(machines[0]).toMatchObject({
      name: 'vm-1',
      suspended: false,
      role: '',
      vcpus: 4,
      memoryMiB: 8192,
      hugepageSizeKiB: 0,
      isolatedCpus: false,
      ptp: false,
      numaPinned: false,
      claims: [],
      diskGiB: 0,
      sharedDisks: true,
      host: null,
      hostPlace: null,
      strategies: ['vfio-live', 'failover', 'hotplug', 'cold'],
      maxDowntimeMs: 500,
      latencyBudgets: [],
      migrationWeight: 1,
      migrationPolicy: 'built-in',
    });
  });

  it('a claim gets the attributes of an idle VF, and its MAC in lower case', async () => {
    const devices = '  devices: [{name: n, class: fronthaul-vf, mac: "52:54:00:AB:CD:EF", vlan: 7}]';
    const { machines } = await desiredOf({ 'vm.yaml': machine('vm-1', devices) });
    expect(machines[0]?.claims[0]).toMatchObject({
      name: 'n',
      class: 'fronthaul-vf',
      portProfile: null,
      mac: '52:54:00:ab:cd:ef',
      guestAddress: '',
      numaLocal: false,
      attributes: { adminMac: null, vlan: 7, qos: 0, trust: false, spoofCheck: true, minTxMbps: 0, maxTxMbps: 0, linkState: 'auto' },
    }); // prettier-ignore
  });

  it('disks are added up, and are shared only when all of them are', async () => {
    const disks = '  disks: [{name: a, sizeGiB: 10}, {name: b, sizeGiB: 5, storage: local}]';
    const { machines } = await desiredOf({ 'vm.yaml': machine('vm-1', disks) });
    expect(machines[0]).toMatchObject({ diskGiB: 15, sharedDisks: false });
  });

  it('a load policy without a word watches the CPU of all hosts', async () => {
    const { loadPolicies } = await desiredOf({ 'l.yaml': document('LoadPolicy', 'balance', '') });
    expect(loadPolicies[0]).toMatchObject({
      goal: 'relieve',
      hosts: ['host-a', 'host-b'],
      thresholds: [{ metric: 'cpu', high: 0.8, low: 0.6 }],
      windowSeconds: 300,
      holdWindows: 3,
      cooldownSeconds: 900,
      minimumGain: 0.01,
      crossGroup: 'when-needed',
      maxMoves: 10,
      tolerance: 0.05,
      slot: null,
      weights: { overload: 10, imbalance: 1, migration: 0.06, fragmentation: 5, groupCrossing: 0.1, hostsInUse: 1 },
      search: { evaluations: 20_000, seed: 1 },
    });
  });

  it('a move has to gain more where nothing is too full', async () => {
    const { loadPolicies } = await desiredOf({ 'l.yaml': document('LoadPolicy', 'l', '  goal: balance') });
    expect(loadPolicies[0]?.minimumGain).toBe(0.1);
  });

  it('a weight that is written leaves the others as they are', async () => {
    const { loadPolicies } = await desiredOf({ 'l.yaml': document('LoadPolicy', 'l', '  weights: {hostsInUse: 3}') });
    expect(loadPolicies[0]?.weights).toMatchObject({ hostsInUse: 3, imbalance: 1 });
  });

  it('a slot has ordinary pages, floats over the cells and needs no device', async () => {
    const spec = '  goal: defragment\n  slot: {vcpus: 8, memoryMiB: 16384, devices: [{class: fronthaul-vf}]}';
    const { loadPolicies } = await desiredOf({ 'l.yaml': document('LoadPolicy', 'l', spec) });
    expect(loadPolicies[0]?.slot).toEqual({
      ...{ count: 1, vcpus: 8, memoryMiB: 16_384, hugepageSizeKiB: 0, isolatedCpus: false, numaPinned: false },
      devices: [{ class: 'fronthaul-vf', count: 1 }],
    });
  });

  it('the built-in migration policy is what an empty document means, but for its name', async () => {
    const builtIn = (await desiredOf({})).migrationPolicies[0];
    const empty = (await desiredOf({ 'm.yaml': document('MigrationPolicy', 'empty', '') })).migrationPolicies[0];
    expect({ ...empty, name: '', place: null }).toEqual({ ...builtIn, name: '', place: null });
  });

  it('limits of a migration policy are those of the cluster where it is silent', async () => {
    const { migrationPolicies } = await desiredOf({
      'm.yaml': document('MigrationPolicy', 'm', '  parallel: {perHost: 1}'),
    });
    expect(migrationPolicies[0]?.limits).toEqual({ perHost: 1, perGroup: 4, perCluster: 8 });
  });

  it('a whole function can be hot-plugged or moved cold, a VF in every way', async () => {
    const { deviceClasses } = await desiredOf({ 'g.yaml': document('DeviceClass', 'gpu', '  type: function') });
    const strategies = new Map(deviceClasses.map((each) => [each.name, each.strategies]));
    expect(strategies.get('gpu')).toEqual(['hotplug', 'cold']);
    expect(strategies.get('fronthaul-vf')).toEqual(['vfio-live', 'failover', 'hotplug', 'cold']);
  });
});

describe('roles', () => {
  it.each([...builtInRoles.keys()])('%s is known without a document', async (role) => {
    const { machines } = await desiredOf({ 'vm.yaml': machine('vm-1', `  role: ${role}`) });
    expect(machines[0]?.role).toBe(role);
  });

  it('claims 2 and 3: every role that they name is there', () => {
    const named = ['DU', 'CU', 'CU-UP', 'CU-CP', 'AF', 'AMF', 'AUSF', 'NRF', 'PFCP', 'SMF', 'UDM', 'UDR', 'UPF'];
    expect([...builtInRoles.keys()]).toEqual(expect.arrayContaining(named));
  });

  it('a DU is real time, near its devices, and moved with its device state only', async () => {
    const { machines } = await desiredOf({ 'vm.yaml': dus('  devices: [{name: fronthaul, class: fronthaul-vf}]') });
    expect(machines[0]).toMatchObject({
      hugepageSizeKiB: 1048576,
      isolatedCpus: true,
      ptp: true,
      numaPinned: true,
      strategies: ['vfio-live'],
      maxDowntimeMs: 100,
      migrationWeight: 20,
    });
    expect(machines[0]?.claims[0]?.numaLocal).toBe(true);
  });

  it('what a machine says itself goes before its role', async () => {
    const { machines } = await desiredOf({ 'vm.yaml': dus('  ptp: false\n  maxDowntimeMs: 900') });
    expect(machines[0]).toMatchObject({ ptp: false, maxDowntimeMs: 900, isolatedCpus: true });
  });

  it('a maintenance window opens the other strategies to a DU', async () => {
    const window = document('MigrationPolicy', 'm', '  windows: [{cron: 0 2 * * 6, durationMinutes: 60}]');
    const { machines } = await desiredOf({ 'vm.yaml': dus(), 'm.yaml': window });
    expect(machines[0]?.strategies).toEqual(['vfio-live', 'failover', 'hotplug', 'cold']);
  });

  it('a document of the same name replaces a built-in role', async () => {
    const role = document('RoleProfile', 'DU', '  ptp: true');
    const { machines } = await desiredOf({ 'vm.yaml': dus(), 'r.yaml': role });
    expect(machines[0]).toMatchObject({ ptp: true, isolatedCpus: false, maxDowntimeMs: 500 });
  });

  it('a document makes a role of its own', async () => {
    const role = document('RoleProfile', 'RIC', '  strategies: [cold]\n  migrationWeight: 7');
    const { machines } = await desiredOf({ 'vm.yaml': machine('vm-1', '  role: RIC'), 'r.yaml': role });
    expect(machines[0]).toMatchObject({ strategies: ['cold'], migrationWeight: 7 });
  });

  it('no role is what an empty profile says', async () => {
    const { machines } = await desiredOf({
      'vm.yaml': machine('vm-1', '  role: RIC'),
      'r.yaml': document('RoleProfile', 'RIC', ''),
    });
    const { strategies, maxDowntimeMs, migrationWeight, ptp } = noRole;
    expect(machines[0]).toMatchObject({ strategies, maxDowntimeMs, migrationWeight, ptp });
  });

  it('a DU without a fronthaul port is worth a warning', async () => {
    const problems = await problemsOf({ 'vm.yaml': dus() });
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([
      ['MissingDevice', 'warning'],
      ['MissingDevice', 'warning'],
    ]);
  });

  it('replicas of a control-plane function are kept apart: those of one app', async () => {
    const amf = (name: string, app: string) => machine(name, '  role: AMF', `  labels: {app: ${app}}\n`);
    const { rules } = await desiredOf({
      'a.yaml': amf('amf-1', 'x'),
      'b.yaml': amf('amf-2', 'x'),
      'c.yaml': amf('amf-3', 'y'),
    });
    expect(rules).toMatchObject([
      { policy: 'role AMF', kind: 'anti-affinity', topology: 'host', machines: ['amf-1', 'amf-2'] },
    ]);
  });
});

describe('an AMF that is written AMMF', () => {
  const amf = (name: string, role: string) => machine(name, `  role: ${role}`, '  labels: {app: x}\n');
  const both = { 'a.yaml': amf('amf-1', 'AMF'), 'b.yaml': amf('amf-2', 'AMMF') };

  it('is an AMF, and is kept apart from its replicas', async () => {
    const { machines, rules } = await desiredOf(both);
    expect(machines.map(({ role }) => role)).toEqual(['AMF', 'AMF']);
    expect(rules).toMatchObject([{ kind: 'anti-affinity', machines: ['amf-1', 'amf-2'] }]);
  });

  it.each(['AMF', 'AMMF'])('is selected by the role %s', async (role) => {
    const policy = document('PlacementPolicy', 'p', `  selector: {roles: [${role}]}\n  pin: {hosts: [host-a, host-b]}`);
    const { rules } = await desiredOf({ ...both, 'p.yaml': policy });
    expect(rules[0]).toMatchObject({ kind: 'pin', machines: ['amf-1', 'amf-2'] });
  });

  it.each(['AMF', 'AMMF'])('has what a profile of the name %s says', async (role) => {
    const profile = document('RoleProfile', role, '  migrationWeight: 7');
    const { machines } = await desiredOf({ ...both, 'r.yaml': profile });
    expect(machines.map(({ migrationWeight }) => migrationWeight)).toEqual([7, 7]);
  });
});

describe('selectors', () => {
  const machines = {
    'a.yaml': machine('du-1', '  role: UPF', '  labels: {app: radio, tier: one}\n'),
    'b.yaml': machine('du-2', '  role: UPF', '  labels: {app: radio}\n'),
    'c.yaml': machine('vm-3', '', '  labels: {app: radio}\n'),
  };
  it.each([
    ['by label', '{matchLabels: {app: radio}}', ['du-1', 'du-2', 'vm-3']],
    ['by two labels', '{matchLabels: {app: radio, tier: one}}', ['du-1']],
    ['by role', '{roles: [UPF]}', ['du-1', 'du-2']],
    ['by name', '{names: [vm-3]}', ['vm-3']],
    ['by label and role', '{matchLabels: {app: radio}, roles: [UPF]}', ['du-1', 'du-2']],
    ['by name and role, where nothing is left', '{names: [vm-3], roles: [UPF]}', []],
    ['by a label that every object inherits', '{matchLabels: {constructor: x}}', []],
  ])('%s', async (_reason, selector, expected) => {
    const policy = document('PlacementPolicy', 'p', `  selector: ${selector}\n  pin: {hosts: [host-a]}`);
    const { rules } = await desiredOf({ ...machines, 'p.yaml': policy });
    expect(rules[0]?.machines).toEqual(expected);
  });

  it('a selector that matches nothing is worth a warning', async () => {
    const policy = document('PlacementPolicy', 'p', '  selector: {roles: [DU]}\n  pin: {hosts: [host-a]}');
    expect((await problemsOf({ 'p.yaml': policy })).map(({ code }) => code)).toEqual(['NothingSelected']);
  });

  it('the policy that selects a machine goes before the one for all others', async () => {
    const desired = await desiredOf({
      ...machines,
      'm.yaml': document('MigrationPolicy', 'all', ''),
      'n.yaml': document('MigrationPolicy', 'radio', '  selector: {roles: [UPF]}\n  suspend: true'),
    });
    expect(desired.machines.map(({ name, migrationPolicy, suspended }) => [name, migrationPolicy, suspended])).toEqual([
      ['du-1', 'radio', true],
      ['du-2', 'radio', true],
      ['vm-3', 'all', false],
    ]);
  });

  it('hosts of a load policy by group and label', async () => {
    const labelled = document('Host', 'host-c', '  accessGroup: rack-1', '  labels: {generation: g10}\n');
    const policy = document('LoadPolicy', 'l', '  hosts: {accessGroups: [rack-1], matchLabels: {generation: g10}}');
    const { loadPolicies } = await desiredOf({ 'c.yaml': labelled, 'l.yaml': policy });
    expect(loadPolicies[0]?.hosts).toEqual(['host-c']);
  });
});

describe('several clusters in one repository', () => {
  const two = {
    ...BASE,
    'cluster.yaml': document(
      'Cluster',
      'edge',
      '  driver: libvirt\n  connection: {hosts: {host-1: {uri: "qemu:///system"}}}',
    ),
    'west.yaml': document(
      'Cluster',
      'west',
      '  driver: libvirt\n  connection: {hosts: {host-1: {uri: "qemu:///system"}}}',
    ),
  };
  const load = (files: Readonly<Record<string, string>>) => loadDesired(treeOf(files), createDocumentCache());

  it('classes, profiles and roles serve all; other documents must say where they belong', async () => {
    const result = await load(two);
    const codes = result.ok ? [] : result.problems.map(({ code, place }) => `${code} ${place?.file ?? ''}`);
    expect(codes).toEqual([
      'MissingCluster groups.yaml',
      'MissingCluster groups.yaml',
      'MissingCluster hosts/host-a.yaml',
      'MissingCluster hosts/host-b.yaml',
    ]);
  });

  it('each cluster gets its own documents, and the same names do not collide', async () => {
    const group = (cluster: string) => document('AccessGroup', 'rack-1', '  switch: s', `  cluster: ${cluster}\n`);
    const host = (cluster: string) => document('Host', 'host-1', '  accessGroup: rack-1', `  cluster: ${cluster}\n`);
    const result = await load({
      'cluster.yaml': two['cluster.yaml'],
      'west.yaml': two['west.yaml'],
      'class.yaml': document('DeviceClass', 'gpu', '  type: function'),
      'a.yaml': `${group('edge')}---\n${host('edge')}`,
      'b.yaml': `${group('west')}---\n${host('west')}`,
    });
    const found = result.ok ? result.value : [];
    expect(
      found.map(({ cluster, hosts, deviceClasses }) => [cluster.name, hosts[0]?.place.file, deviceClasses.length]),
    ).toEqual([
      ['edge', 'a.yaml', 1],
      ['west', 'b.yaml', 1],
    ]);
  });

  it('two clusters of one name', async () => {
    const result = await load({ ...BASE, 'west.yaml': BASE['cluster.yaml'] ?? '' });
    expect(result.ok ? [] : result.problems.map(({ code }) => code)).toEqual(['DuplicateName']);
  });
});

describe('the rest of a desired state', () => {
  it('knows who is in an access group, and how far its sites are', async () => {
    const { accessGroups } = await desiredOf({});
    expect(accessGroups).toMatchObject([
      { name: 'rack-1', switch: 'leaf-1', hosts: ['host-a'], latencyMs: { 'cell-1': 0.2 } },
      { name: 'rack-2', switch: 'leaf-2', hosts: ['host-b'], latencyMs: {} },
    ]);
  });

  it('takes an approval with or without the name of its hash', async () => {
    const hash = 'f'.repeat(64);
    const spec = `  planHash: sha256:${hash}\n  approvedBy: me\n  expiresAt: 2026-12-01T00:00:00Z`;
    const { approvals } = await desiredOf({ 'a.yaml': document('Approval', 'a', spec) });
    expect(approvals[0]).toMatchObject({ planHash: hash, approvedBy: 'me', expiresAt: Date.UTC(2026, 11, 1) });
  });

  it('carries the commit, the request of the cluster, and places', async () => {
    const annotated = document(
      'Cluster',
      'edge',
      '  driver: simulator\n  connection: {scenario: .simulator/cluster.yaml}',
      '  annotations: {berth/requested-at: "now"}\n',
    );
    const desired = await desiredOf({ 'cluster.yaml': annotated, 'vm.yaml': machine('vm-1', '  host: host-a') });
    expect(desired.revision).toBe('a'.repeat(40));
    expect(desired.cluster.requestedAt).toBe('now');
    expect(desired.machines[0]?.hostPlace).toEqual({
      file: 'vm.yaml',
      line: 8,
      column: 9,
      pointer: '/spec/host',
      excerpt: '  host: host-a',
    });
  });

  it('is plain data: it survives JSON', async () => {
    const desired = await desiredOf({ 'vm.yaml': dus() });
    expect(JSON.parse(JSON.stringify(desired))).toEqual(desired);
  });
});

describe('a site that no access group names is a warning', () => {
  const cases: readonly { where: string; files: Readonly<Record<string, string>>; at: string }[] = [
    {
      where: 'a budget',
      files: { 'vm.yaml': machine('vm-1', '  latencyBudgets: [{site: cel-1, maxMs: 1}]') },
      at: 'vm.yaml:8',
    },
    {
      where: 'a policy',
      files: {
        'vm.yaml': machine('vm-1'),
        'p.yaml': document(
          'PlacementPolicy',
          'near',
          '  selector: {names: [vm-1]}\n  latency: {site: cel-1, maxMs: 1}',
        ),
      },
      at: 'p.yaml:7',
    },
  ];
  it.each(cases)('in $where', async ({ files, at }) => {
    const [found, ...more] = await problemsOf(files);
    expect(found).toMatchObject({ code: 'UnknownSite', severity: 'warning', hint: 'did you mean "cell-1"?' });
    expect(`${found?.place?.file ?? ''}:${found?.place?.line ?? 0}`).toBe(at);
    expect(more).toEqual([]);
  });
});

describe('a disruption budget', () => {
  it('holds for the machines that its policy selects', async () => {
    const { disruptionBudgets, rules } = await desiredOf({
      'du.yaml': dus(),
      'vm.yaml': machine('vm-1'),
      'p.yaml': document('PlacementPolicy', 'careful', '  selector: {roles: [DU]}\n  disruptionBudget: {maxMoving: 1}'),
    });
    expect(disruptionBudgets).toMatchObject([{ policy: 'careful', machines: ['du-1'], maxMoving: 1 }]);
    expect(rules).toEqual([]);
  });
});
