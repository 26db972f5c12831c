import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/model/index.js';
import { BASE, brief, document, problemsOf } from './tree.js';

/** A cluster of hosts behind libvirt, an entry of the connection a line, from line 9 on. */
const cluster = (...entries: readonly string[]): string =>
  document('Cluster', 'edge', ['  driver: libvirt\n  connection:\n    hosts:', ...entries].join('\n      '));
const A = 'host-a: { uri: "qemu+tls://host-a/system" }';
const B = 'host-b: { uri: "qemu+tls://host-b/system" }';

const told = async (...entries: readonly string[]): Promise<readonly Problem[]> =>
  problemsOf({ 'cluster.yaml': cluster(...entries) });

interface Case {
  readonly reason: string;
  readonly entries: readonly string[];
  /** `Code file:line:column + file:line` of each problem. */
  readonly expected: readonly string[];
  /** What the first problem says and advises. */
  readonly says: RegExp;
}

const MISTAKES: readonly Case[] = [
  {
    reason: 'a host that nobody says how to reach: what runs there would not be seen, and started a second time',
    entries: [A],
    expected: ['HostNotConnected hosts/host-b.yaml:4:9 + cluster.yaml:8'],
    says: /host-b.*spec\.connection\.hosts of cluster edge.*uri/s,
  },
  {
    reason: 'two misspelt URIs',
    entries: ['host-a: { uri: "host-a" }', 'host-b: { uri: "qemu+tls://host-b" }'],
    expected: ['BadConnection cluster.yaml:9:22', 'BadConnection cluster.yaml:10:22'],
    says: /connection\.hosts\.host-a\.uri: this is no libvirt URI/,
  },
  {
    reason: 'another hypervisor than qemu',
    entries: ['host-a: { uri: "xen:///" }', B],
    expected: ['BadConnection cluster.yaml:9:22'],
    says: /only qemu is driven, not xen/,
  },
  {
    reason: 'TCP without encryption, where Berth has no way to say who it is',
    entries: ['host-a: { uri: "qemu+tcp://host-a/system" }', B],
    expected: ['BadConnection cluster.yaml:9:22'],
    says: /nothing is encrypted.*SASL.*qemu\+tls or qemu\+ssh/s,
  },
  {
    reason: 'a way for other hosts that leads each of them to itself',
    entries: [
      'host-a: { uri: "qemu:///system", peerUri: "qemu:///system" }',
      'host-b: { uri: "qemu+ssh://host-b/system", peerUri: "qemu+tcp://localhost/system" }',
    ],
    expected: ['BadConnection cluster.yaml:9:49', 'BadConnection cluster.yaml:10:59'],
    says: /connection\.hosts\.host-a\.peerUri: .*to itself/,
  },
  {
    reason: 'another transport than libvirt has',
    entries: ['host-a: { uri: "qemu:///system", peerUri: "qemu+http://host-a/system" }', B],
    expected: ['BadConnection cluster.yaml:9:49'],
    says: /the transport http is not supported.*tls, tcp, ssh/s,
  },
  {
    reason: 'a place for memory without its protocol, and one that is everywhere another host',
    entries: [
      'host-a: { uri: "qemu+tls://host-a/system", migrationUri: 10.0.0.1 }',
      'host-b: { uri: "qemu+tls://host-b/system", migrationUri: "tcp://127.0.0.1" }',
    ],
    expected: ['BadConnection cluster.yaml:9:64', 'BadConnection cluster.yaml:10:64'],
    says: /connection\.hosts\.host-a\.migrationUri: .*tcp:\/\/10\.0\.0\.1/s,
  },
  {
    reason: 'commands by something else than ssh',
    entries: ['host-a: { uri: "qemu+tls://host-a/system", commands: "telnet://host-a" }', B],
    expected: ['BadConnection cluster.yaml:9:60'],
    says: /connection\.hosts\.host-a\.commands: .*ssh:\/\/root@host/s,
  },
  {
    reason: 'a ledger for a guard, which nobody could write',
    entries: ['host-a: { uri: "qemu+tls://host-a/system", guardLedger: /var/lib/berth/guard.ledger }', B],
    expected: ['BadConnection cluster.yaml:9:63'],
    says: /connection\.hosts\.host-a\.guardLedger: .*commands/s,
  },
  {
    reason: 'two hosts at one address',
    entries: [A, 'host-b: { uri: "qemu+tls://HOST-A:16514/system" }'],
    expected: ['BadConnection cluster.yaml:10:22 + cluster.yaml:9'],
    says: /hosts host-a and host-b have the same address/,
  },
];

const DOUBTS: readonly Case[] = [
  {
    reason: 'an entry for a host without a document',
    entries: [A, B, 'host-c: { uri: "qemu+tls://host-c/system" }'],
    expected: ['HostWithoutDocument cluster.yaml:11:7'],
    says: /host-c.*Host document/s,
  },
  {
    reason: 'hosts that no other host can reach, each told of',
    entries: ['host-a: { uri: "qemu:///system" }', 'host-b: { uri: "qemu+ssh://root@127.0.0.1:2222/system" }'],
    expected: ['NoPeerAddress cluster.yaml:9:22', 'NoPeerAddress cluster.yaml:10:22'],
    says: /no machine can migrate to host host-a.*peerUri/s,
  },
];

describe('the connection to libvirt of a commit', () => {
  it.each(MISTAKES)('is refused for $reason', async ({ entries, expected, says }) => {
    const problems = await told(...entries);
    expect(problems.map(brief)).toEqual(expected);
    expect(problems.map(({ severity }) => severity)).toEqual(expected.map(() => 'error'));
    expect(`${problems[0]?.message} ${problems[0]?.hint}`).toMatch(says);
    expect(problems.filter(({ hint }) => hint === '')).toEqual([]);
  });

  it.each(DOUBTS)('is doubted for $reason', async ({ entries, expected, says }) => {
    const problems = await told(...entries);
    expect(problems.map(brief)).toEqual(expected);
    expect(problems.map(({ severity }) => severity)).toEqual(expected.map(() => 'warning'));
    expect(`${problems[0]?.message} ${problems[0]?.hint}`).toMatch(says);
  });

  it.each([
    { reason: 'TLS', entries: [A, B] },
    {
      reason: 'all addresses written',
      entries: [
        'host-a: { uri: "qemu:///system", peerUri: "qemu+tcp://10.0.0.1/system", migrationUri: "tcp://[fd00::1]:49152", commands: local }',
        'host-b: { uri: "qemu+ssh://berth@b/system", peerUri: "qemu+libssh2://b/system?known_hosts=/k", commands: "ssh://root@b", guardLedger: /g }',
      ],
    },
    {
      reason: 'one name and several ports, behind which there may be several hosts',
      entries: ['host-a: { uri: "qemu+ssh://door:2201/system" }', 'host-b: { uri: "qemu+ssh://door:2202/system" }'],
    },
  ])('is taken: $reason', async ({ entries }) => {
    expect(await told(...entries)).toEqual([]);
  });

  it('needs no way between hosts where there is one host', async () => {
    const one = {
      ...BASE,
      'cluster.yaml': cluster('host-a: { uri: "qemu:///system" }'),
      'hosts/host-b.yaml': '',
      'class.yaml': '',
    };
    expect(await problemsOf(one)).toEqual([]);
  });

  it('has no host that is nothing but a word of the language', async () => {
    const host = document('Host', 'constructor', '  accessGroup: rack-1');
    const problems = await problemsOf({ 'cluster.yaml': cluster(A, B), 'c.yaml': host });
    expect(problems.map(brief)).toEqual(['HostNotConnected c.yaml:4:9 + cluster.yaml:8']);
  });

  it('is not looked at where the driver is the simulator', async () => {
    expect(await problemsOf({})).toEqual([]);
  });
});
