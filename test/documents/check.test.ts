import { describe, expect, it } from 'vitest';
import { document, load, machine, problemsOf } from './tree.js';

const vm = (spec: string) => document('VirtualMachine', 'vm-1', `  vcpus: 4\n  memoryMiB: 8192\n${spec}`);
const policy = (spec: string) => document('MigrationPolicy', 'm', spec);

describe('a document that breaks its schema is told what to write instead', () => {
  it.each([
    ['memory without a unit in its name', document('VirtualMachine', 'v', '  vcpus: 4\n  memory: 8GiB'), 'UnknownField 7', 'write memoryMiB: 8192'],
    ['memory as a plain number', document('VirtualMachine', 'v', '  vcpus: 4\n  memory: 8192'), 'UnknownField 7', 'did you mean "memoryMiB"?'],
    ['a half GiB', document('VirtualMachine', 'v', '  vcpus: 4\n  memoryMiB: 0.5 GB'), 'WrongUnit 7', 'write 512'],
    ['a number in quotes', document('VirtualMachine', 'v', '  vcpus: "4"\n  memoryMiB: 1'), 'WrongType 6', 'write 4 without quotes'],
    ['half a CPU', document('VirtualMachine', 'v', '  vcpus: 3.5\n  memoryMiB: 1'), 'WrongType 6', 'write 4'],
    ['no CPU', document('VirtualMachine', 'v', '  vcpus: 0\n  memoryMiB: 1'), 'OutOfRange 6', 'Virtual CPUs.'],
    ['a field that is missing', document('VirtualMachine', 'v', '  vcpus: 4'), 'MissingField 5', 'write memoryMiB: 32768, for example'],
    ['seconds for milliseconds', vm('  maxDowntimeMs: 2s'), 'WrongUnit 8', 'write 2000'],
    ['minutes for seconds', policy('  forwardSeconds: 2min'), 'WrongUnit 6', 'write 120'],
    ['hours for minutes', policy('  windows: [{cron: 0 2 * * 6, durationMinutes: 2h}]'), 'WrongUnit 6', 'write 120'],
    ['gigabytes a second', policy('  bandwidthMibps: 1GiB/s'), 'WrongUnit 6', 'write 1024'],
    ['gigabits', document('PortProfile', 'p', '  rateMbps: 10G'), 'WrongUnit 6', 'write 10000'],
    ['a percentage for a ratio', document('LoadPolicy', 'l', '  thresholds: [{metric: cpu, high: 80, low: 0.6}]'), 'WrongUnit 6', 'write 0.8 for 80 %'],
    ['a percentage with its sign', document('LoadPolicy', 'l', '  thresholds: [{metric: cpu, high: 80%, low: 0.6}]'), 'WrongUnit 6', 'write 0.8'],
    ['a share over 100', policy('  blastRadius: {maxSharePercent: 120}'), 'OutOfRange 6', 'Share of the machines'],
    ['an unknown strategy', vm('  strategies: [vfiolive]'), 'NotAllowed 8', 'did you mean "vfio-live"?'],
    ['an unknown metric', document('LoadPolicy', 'l', '  thresholds: [{metric: disk}]'), 'NotAllowed 6', 'one of: cpu, memory, network, cpu-delay, vf-packets'],
    ['an empty list', vm('  strategies: []'), 'OutOfRange 8', 'remove the line'],
    ['an entry twice', vm('  strategies: [cold, cold]'), 'DuplicateEntry 8', 'keep one of them'],
    ['a value left out', vm('  host:'), 'WrongType 8', 'give it a value or remove the line'],
    ['text for a list', vm('  devices: fronthaul'), 'WrongType 8', 'start each entry with "- "'],
    ['a number for text', vm('  role: 5'), 'WrongType 8', 'put it in quotes'],
    ['text for a mapping', policy('  deadlines: 5min'), 'WrongType 6', 'When a step counts as hung.'],
    ['yes for true', vm('  suspend: yes'), 'WrongType 8', 'write true'],
    ['a misspelt MAC', vm('  devices: [{name: n, class: c, mac: 52-54-00-00-00-01}]'), 'BadMac 8', 'Example: 52:54:00:12:34:56'],
    ['a name in capitals', document('VirtualMachine', 'VM_1', '  vcpus: 4\n  memoryMiB: 1'), 'BadFormat 4', 'Lower-case letters'],
    ['labels below spec', vm('  labels: {a: b}'), 'UnknownField 8', 'it belongs under "metadata"'],
    ['a field far from any other', vm('  colour: red'), 'UnknownField 8', 'the fields here are: vcpus, memoryMiB'],
    ['a policy without a rule', document('PlacementPolicy', 'p', '  selector: {roles: [DU]}'), 'MissingField 6', 'at least one rule'],
    ['an empty selector', document('PlacementPolicy', 'p', '  selector: {}\n  pin: {hosts: [host-a]}'), 'MissingField 6', 'Which machines'],
    ['a label that is no label', machine('v', '', '  labels: {"a b": c}\n'), 'BadFormat 5', 'letters, digits'],
    ['a date that is none', document('Approval', 'a', `  planHash: ${'f'.repeat(64)}\n  approvedBy: me\n  expiresAt: tomorrow`), 'BadFormat 8', 'RFC 3339'],
    ['a hash that is none', document('Approval', 'a', '  planHash: abc\n  approvedBy: me'), 'BadFormat 6', 'berth plan'],
    ['a path that leaves the repository', document('Cluster', 'c', '  driver: simulator\n  connection: {scenario: ../x.yaml}'), 'BadFormat 7', 'path in this repository'],
    ['an absolute path', document('Cluster', 'c', '  driver: simulator\n  connection: {scenario: /etc/x}'), 'BadFormat 7', 'path in this repository'],
    ['an unknown kind', 'apiVersion: berth/v1alpha1\nkind: VirtualMachin\n', 'UnknownKind 2', 'did you mean "VirtualMachine"?'],
    ['the kind in other letters', 'apiVersion: berth/v1alpha1\nkind: virtualmachine\n', 'UnknownKind 2', 'did you mean "VirtualMachine"?'],
    ['another version', 'apiVersion: berth/v2\nkind: Host\n', 'UnknownApiVersion 1', 'write berth/v1alpha1'],
    ['no version', 'kind: Host\n', 'MissingField 1', 'every document starts with apiVersion'],
    ['a list', '- a\n', 'NotADocument 1', 'every document starts with apiVersion'],
    ['a word', 'hello\n', 'NotADocument 1', 'every document starts with apiVersion'],
    ['the key __proto__', vm('  __proto__: {x: 1}'), 'UnknownField 8', 'the fields here are'],
  ])('%s', async (_reason, text, expected, hint) => {
    const problems = await problemsOf({ 'x.yaml': text });
    expect(problems.map(({ code, place }) => `${code} ${place?.line ?? 0}`)).toEqual([expected]);
    expect(problems[0]?.hint).toContain(hint);
  }); // prettier-ignore
});

describe('references that lead nowhere', () => {
  it.each([
    ['a group', document('Host', 'h', '  accessGroup: rack-3'), 'UnknownReference 6', 'did you mean "rack-1"?'],
    ['a role in other letters', vm('  role: du'), 'UnknownReference 8', 'did you mean "DU"?'],
    ['a port profile', vm('  devices: [{name: n, class: fronthaul-vf, portProfile: fronthaul-10}]'), 'UnknownReference 8', '"fronthaul-100"'],
    ['a machine of a selector', document('PlacementPolicy', 'p', '  selector: {names: [vm-9]}\n  pin: {hosts: [host-a]}'), 'UnknownReference 6', 'write a VirtualMachine document'],
    ['a host of a pin', document('PlacementPolicy', 'p', '  selector: {roles: [DU]}\n  pin: {hosts: [hosta]}'), 'UnknownReference 7', 'did you mean "host-a"?'],
    ['a host of a load policy', document('LoadPolicy', 'l', '  hosts: {names: [host-x]}'), 'UnknownReference 6', 'did you mean "host-a"?'],
    ['a device class of a slot', document('LoadPolicy', 'l', '  goal: defragment\n  slot: {vcpus: 1, memoryMiB: 1024, devices: [{class: fronthaul}]}'), 'UnknownReference 7', 'fronthaul-vf'],
    ['a goal in other words', document('LoadPolicy', 'l', '  goal: spread'), 'NotAllowed 6', 'one of: relieve, balance'],
    ['a weight below nothing', document('LoadPolicy', 'l', '  weights: {imbalance: -1}'), 'OutOfRange 6', 'Standard deviation'],
    ['a cluster', machine('v', '', '  cluster: egde\n'), 'UnknownReference 5', 'did you mean "edge"?'],
    ['two claims of one name', vm('  devices: [{name: n, class: fronthaul-vf}, {name: n, class: fronthaul-vf}]'), 'DuplicateName 8', 'rename'],
    ['a scenario that a simulator needs', document('Cluster', 'edge', '  driver: simulator'), 'MissingField 6', '.simulator/cluster.yaml'],
    ['a day that does not exist', policy('  windows: [{cron: 0 25 * * *, durationMinutes: 5}]'), 'BadFormat 6', 'minute, hour'],
    ['memory that is no whole number of pages', vm('  hugepageSizeKiB: 1048576').replace('8192', '8000'), 'HugepageMismatch 7', 'write 8192'],
    ['rates the wrong way round', vm('  devices: [{name: n, class: fronthaul-vf, minTxMbps: 2, maxTxMbps: 1}]'), 'OutOfRange 8', 'lower one'],
  ])('%s', async (_reason, text, expected, hint) => {
    const file = text.includes('kind: Cluster') ? 'cluster.yaml' : 'x.yaml';
    const problems = (await problemsOf({ [file]: text })).filter(({ severity }) => severity === 'error');
    expect(problems.map(({ code, place }) => `${code} ${place?.line ?? 0}`)).toEqual([expected]);
    expect(problems[0]?.hint).toContain(hint);
  }); // prettier-ignore
});

describe('which files are documents', () => {
  it('files in folders that start with a dot, and other files, are left alone', async () => {
    const files = {
      '.simulator/cluster.yaml': 'hosts: 3',
      '.github/workflows/a.yml': 'on: push',
      'README.md': '# [',
      '.x.yaml': '[',
    };
    expect((await load(files)).ok).toBe(true);
  });

  it('both endings count, in every folder', async () => {
    expect((await problemsOf({ 'a/b/c.yml': 'x' })).map(({ code }) => code)).toEqual(['NotADocument']);
  });

  it('a tree without a Cluster is a problem, and never an empty wish', async () => {
    expect((await problemsOf({ 'cluster.yaml': '' })).map(({ code }) => code)).toEqual(['NoCluster']);
  });
});
