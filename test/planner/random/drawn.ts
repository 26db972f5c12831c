import fc from 'fast-check';
import type { DesiredHost } from '../../../src/model/index.js';
import type { HostLine, MachineLine, RuleLine } from '../fixture-lines.js';

/** What a fixture line cannot say of a host: how its VFs are grouped, cabled and made. Only VFs that nobody uses are touched. */
export interface HostTwist {
  readonly groups: 'own' | 'pairs' | 'with-port';
  readonly link: 'up' | 'down';
  readonly model: 'usual' | 'other';
  readonly network: 'net' | 'other';
  readonly kept: Pick<DesiredHost, 'reserved' | 'cpuAllocationRatio'>;
  /** A dummy of somebody else stands on a VF. */
  readonly foreignDummy: boolean;
}

/** What has happened to a machine before the planner looks. */
export type Happening =
  | 'nothing'
  /** Stopped where it is defined. */
  | 'stopped'
  /** Runs on two hosts. */
  | 'twice'
  /** Its migration runs. */
  | 'migrating'
  /** A move of it has reserved a device elsewhere. */
  | 'reserving'
  /** Such a reservation was left behind, and its time is over. */
  | 'left-behind'
  /** It is gone, and the ledger still has its devices. */
  | 'gone';

export interface DrawnHost {
  readonly line: HostLine;
  readonly twist: HostTwist;
}

export interface DrawnMachine {
  readonly line: MachineLine;
  readonly claims: readonly { readonly type: 'vf' | 'gpu'; readonly numaLocal: boolean }[];
  /** Index of the host where it is, and of another; null: it runs nowhere. */
  readonly at: number | null;
  readonly elsewhere: number;
  /** Index of the host that is asked for. */
  readonly wish: number | null;
  readonly cell: number;
  readonly happening: Happening;
  readonly suspendedPolicy: boolean;
  /** Its ports have profiles that were written before. */
  readonly oldProfile: boolean;
}

/** Mostly the usual value, now and then one of the others. */
export function often<T>(usual: T, rare: readonly T[], weight = 5): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });
}

export const host: fc.Arbitrary<DrawnHost> = fc.record({
  line: fc
    .record({
      group: fc.constantFrom('a', 'b'),
      zone: fc.constantFrom('y', 'z'),
      state: often<NonNullable<HostLine['state']>>('up', ['down', 'unknown'], 8),
      maintenance: often<NonNullable<HostLine['maintenance']>>('none', ['cordon', 'drain'], 8),
      cells: fc.constantFrom(1, 2),
      cpus: fc.constantFrom(8, 16, 32),
      isolatedCpus: fc.constantFrom(0, 4, 8),
      memoryMiB: fc.constantFrom(16_384, 32_768),
      hugepages: fc.constantFrom(0, 8),
      vfs: fc.constantFrom(0, 2, 4),
      gpus: fc.constantFrom(0, 1),
      live: fc.boolean(),
      ptp: fc.boolean(),
      cpu: fc.constantFrom(0.1, 0.3, 0.5, 0.65, 0.85, 0.95),
      siteMs: fc.constantFrom(1, 5, 5, 20, null),
      features: often<readonly string[]>([], [['avx512']]),
    })
    .map(({ siteMs, features, ...line }): HostLine => ({
      ...line,
      ...(siteMs === null ? {} : { latency: { site: siteMs } }),
      observed: { cpuFeatures: features },
    })),
  twist: fc.record({
    groups: often<HostTwist['groups']>('own', ['pairs', 'with-port']),
    link: often<HostTwist['link']>('up', ['down'], 8),
    model: often<HostTwist['model']>('usual', ['other']),
    network: often<HostTwist['network']>('net', ['other'], 8),
    kept: often<HostTwist['kept']>({ reserved: { cpus: 0, memoryMiB: 0 }, cpuAllocationRatio: 1 }, [
      { reserved: { cpus: 2, memoryMiB: 2048 }, cpuAllocationRatio: 1.5 },
    ]),
    foreignDummy: often(false, [true], 8),
  }),
});

const strategies = fc.constantFrom<NonNullable<MachineLine['desired']>['strategies']>(
  ['vfio-live', 'failover', 'hotplug', 'cold'],
  ['vfio-live', 'failover', 'hotplug', 'cold'],
  ['failover', 'hotplug', 'cold'],
  ['hotplug', 'cold'],
  ['cold'],
  ['vfio-live'],
);

export const machine: fc.Arbitrary<DrawnMachine> = fc.record({
  line: fc
    .record({
      vcpus: fc.constantFrom(1, 2, 4),
      memoryMiB: fc.constantFrom(2048, 4096, 8192),
      cpu: fc.constantFrom(0.2, 0.5, 1, 2, 4, null),
      dirtyMibps: fc.constantFrom(0, 50, 2000),
      movedSecondsAgo: often<number | null>(null, [10, 600, 5000]),
      managed: often(true, [false], 12),
      desired: fc.record({
        strategies,
        suspended: often(false, [true], 20),
        numaPinned: often(false, [true], 2),
        hugepageSizeKiB: often(0, [1_048_576]),
        isolatedCpus: often(false, [true]),
        ptp: often(false, [true]),
        role: fc.constantFrom('', 'DU', 'CU', 'UPF'),
        migrationWeight: fc.constantFrom(0, 1, 10, 1000),
        maxDowntimeMs: fc.constantFrom(500, 60_000, 60_000),
        sharedDisks: often(true, [false], 4),
        latencyBudgets: often<number | null>(null, [2, 10], 4).map((ms) =>
          ms === null
            ? []
            : [{ site: 'site', maxMs: ms, place: { file: '', line: 1, column: 1, pointer: '', excerpt: '' } }],
        ),
      }),
    })
    .map(({ cpu, movedSecondsAgo, ...line }): MachineLine => ({
      ...line,
      ...(cpu === null ? {} : { cpu }),
      ...(movedSecondsAgo === null ? {} : { movedSecondsAgo }),
    })),
  claims: fc.array(
    fc.record({
      type: fc.constantFrom<'vf' | 'gpu'>('vf', 'vf', 'vf', 'gpu'),
      numaLocal: often(false, [true], 2),
    }),
    { maxLength: 2 },
  ),
  at: fc.option(fc.nat(9), { nil: null, freq: 6 }),
  elsewhere: fc.nat(9),
  wish: fc.option(fc.nat(9), { nil: null, freq: 2 }),
  cell: fc.nat(1),
  happening: often<Happening>('nothing', ['stopped', 'twice', 'migrating', 'reserving', 'left-behind', 'gone'], 12),
  suspendedPolicy: often(false, [true], 30),
  oldProfile: often(false, [true]),
});

const names = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9'];
const members = fc.uniqueArray(fc.constantFrom(...names), { minLength: 2, maxLength: 4 });
const some = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 });
const hostNames = fc.uniqueArray(fc.constantFrom('h1', 'h2', 'h3', 'h4', 'h5'), { minLength: 1, maxLength: 3 });
const topology = fc.constantFrom('host' as const, 'accessGroup' as const, 'zone' as const);

export const rule: fc.Arbitrary<RuleLine> = fc.oneof(
  fc.record({
    machines: members,
    kind: fc.constantFrom('affinity' as const, 'anti-affinity' as const, 'anti-affinity' as const),
    topology,
  }),
  fc.record({ machines: members, kind: fc.constant('spread' as const), topology, maxSkew: fc.constantFrom(1, 2) }),
  fc.record({ machines: some, kind: fc.constantFrom('pin' as const, 'ban' as const), hosts: hostNames }),
  fc.record({
    machines: some,
    kind: fc.constant('latency' as const),
    site: fc.constant('site'),
    maxMs: fc.constantFrom(2, 10),
  }),
);
