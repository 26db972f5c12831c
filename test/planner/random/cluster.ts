import fc from 'fast-check';
import type { Desired, World } from '../../../src/model/index.js';
import { fixture } from '../fixture.js';
import type { FixtureLines, MachineLine } from '../fixture-lines.js';
import type { DrawnHost, DrawnMachine } from './drawn.js';
import { host, machine, often, rule } from './drawn.js';
import { happen } from './happenings.js';
import { twistHosts } from './hosts.js';

export interface Cluster {
  readonly desired: Desired;
  readonly world: World;
}

const HOSTS = ['h1', 'h2', 'h3', 'h4', 'h5'];

/** Small clusters with every kind of constraint, strategy and trouble in them: see `every-kind.test.ts`, which counts what was met. */
export const everyKind: fc.Arbitrary<Cluster> = fc
  .record({
    hosts: fc.array(host, { minLength: 2, maxLength: HOSTS.length }),
    machines: fc.array(machine, { minLength: 1, maxLength: 9 }),
    rules: fc.array(rule, { maxLength: 4 }),
    load: fc.record({
      crossGroup: fc.constantFrom('when-needed' as const, 'never' as const),
      maxMoves: fc.constantFrom(1, 10),
      minimumGain: fc.constantFrom(0.01, 0.1),
      suspended: often(false, [true]),
    }),
    migration: fc.record({
      forwardSeconds: fc.constantFrom(0, 60),
      bandwidthMibps: fc.constantFrom(0, 400),
      limits: fc.constantFrom({ perHost: 1, perGroup: 2, perCluster: 4 }, { perHost: 2, perGroup: 4, perCluster: 8 }),
      suspended: often(false, [true], 20),
      windows: often<readonly { readonly cron: string; readonly durationMinutes: number }[]>(
        [],
        [[{ cron: '0 2 * * *', durationMinutes: 60 }]],
      ),
    }),
    vendors: often<readonly string[]>([], [['8086']], 2),
    calm: fc.boolean(),
  })
  .map(({ calm, hosts: anyHosts, machines: anyMachines, rules, load, migration, vendors }) => {
    const hosts = calm ? anyHosts.map(calmHost) : anyHosts;
    const machines = calm ? anyMachines.map(calmMachine) : anyMachines;
    const lines = linesOf(hosts, machines);
    const known = Object.keys(lines.machines ?? {});
    const made = fixture({
      ...lines,
      load,
      migration,
      classes: [{ name: 'vf', vendors }],
      rules: rules.flatMap((entry) => {
        const members = entry.machines.filter((name) => known.includes(name));
        const needed = entry.kind === 'pin' || entry.kind === 'ban' || entry.kind === 'latency' ? 1 : 2;
        return members.length < needed ? [] : [{ ...entry, machines: members }];
      }),
    });
    const named = machines.map((drawn, index) => [nameOf(index), drawn] as const);
    const twisted = twistHosts(
      made,
      hosts.map((drawn, index) => [HOSTS[index] ?? '', drawn.twist] as const),
    );
    return happen(withLocality(twisted, named), named, HOSTS.slice(0, hosts.length));
  });

/** Where too much is wrong at once nothing moves: half of the clusters are rid of what refuses most. */
function calmHost({ line, twist }: DrawnHost): DrawnHost {
  return {
    line: { ...line, state: 'up', vfs: 4, memoryMiB: 32_768, cpus: 32, latency: { site: 5 } },
    twist: { ...twist, link: 'up', network: 'net', foreignDummy: false },
  };
}

function calmMachine(drawn: DrawnMachine): DrawnMachine {
  const { line } = drawn;
  const desired = { ...line.desired, suspended: false, hugepageSizeKiB: 0, ptp: false, latencyBudgets: [] };
  return { ...drawn, line: { ...line, managed: true, desired }, happening: 'nothing', suspendedPolicy: false };
}

function nameOf(index: number): string {
  return `m${index + 1}`;
}

/** Running machines have their devices, and pinned ones a cell; whether anything else is as it should be is left to chance. */
function linesOf(hosts: readonly DrawnHost[], machines: readonly DrawnMachine[]): FixtureLines {
  const names = HOSTS.slice(0, hosts.length);
  const left = new Map(
    hosts.map(({ line }, index) => [HOSTS[index] ?? '', { vf: line.vfs ?? 0, gpu: line.gpus ?? 0 }]),
  );
  const entries = machines.map((drawn, index): readonly [string, MachineLine] => {
    const { line, claims, at, wish, cell } = drawn;
    const on = at === null ? undefined : names[at % names.length];
    const room = left.get(on ?? '');
    const count = (type: 'vf' | 'gpu'): number => claims.filter((claim) => claim.type === type).length;
    const fits = room !== undefined && room.vf >= count('vf') && room.gpu >= count('gpu');
    if (fits) left.set(on ?? '', { vf: room.vf - count('vf'), gpu: room.gpu - count('gpu') });
    const cells = hosts[names.indexOf(on ?? '')]?.line.cells ?? 1;
    const isPinned = line.desired?.numaPinned === true || claims.some((claim) => claim.numaLocal);
    return [
      nameOf(index),
      {
        ...line,
        claims: Object.fromEntries(claims.map(({ type }, claim) => [`${type}-${claim}`, type] as const)),
        ...(wish === null || index % 3 !== 0 ? {} : { host: names[wish % names.length] ?? '' }),
        ...(fits && on !== undefined ? { on } : {}),
        observed: { numaNode: isPinned ? cell % cells : null },
      },
    ];
  });
  return {
    hosts: Object.fromEntries(hosts.map(({ line }, index) => [HOSTS[index] ?? '', line])),
    machines: Object.fromEntries(entries),
  };
}

/** Some claims want their device on the machine's cell, the first VF of each is in a VLAN, and some machines have a migration policy of their own that is suspended. */
function withLocality({ desired, world }: Cluster, drawn: readonly (readonly [string, DrawnMachine])[]): Cluster {
  const of = new Map(drawn);
  const [policy] = desired.migrationPolicies;
  if (policy === undefined) return { desired, world };
  return {
    world,
    desired: {
      ...desired,
      migrationPolicies: [policy, { ...policy, name: 'halted', suspended: true }],
      machines: desired.machines.map((written) => ({
        ...written,
        migrationPolicy: of.get(written.name)?.suspendedPolicy === true ? 'halted' : written.migrationPolicy,
        claims: written.claims.map((claim, index) => ({
          ...claim,
          numaLocal: of.get(written.name)?.claims[index]?.numaLocal ?? false,
          attributes: { ...claim.attributes, vlan: claim.class === 'vf' && index === 0 ? 100 : null },
        })),
      })),
    },
  };
}
