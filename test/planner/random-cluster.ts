import fc from 'fast-check';
import type { FixtureLines, HostLine, MachineLine, RuleLine } from './fixture-lines.js';

const HOSTS = ['h1', 'h2', 'h3', 'h4', 'h5'];
const MACHINES = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9'];

const host: fc.Arbitrary<HostLine> = fc.record({
  group: fc.constantFrom('a', 'b'),
  zone: fc.constantFrom('y', 'z'),
  state: often<NonNullable<HostLine['state']>>('up', ['down', 'unknown']),
  maintenance: often<NonNullable<HostLine['maintenance']>>('none', ['cordon', 'drain']),
  cells: fc.constantFrom(1, 2),
  cpus: fc.constantFrom(8, 16, 32),
  memoryMiB: fc.constantFrom(16_384, 32_768),
  vfs: fc.constantFrom(0, 2, 4),
  gpus: fc.constantFrom(0, 1),
  live: fc.boolean(),
  cpu: fc.constantFrom(0.1, 0.3, 0.5, 0.85, 0.95),
});

interface Drawn {
  readonly line: MachineLine;
  readonly wish: string | undefined;
  readonly vfs: number;
  readonly gpus: number;
}

const machine: fc.Arbitrary<Drawn> = fc.record({
  line: fc.record({
    vcpus: fc.constantFrom(1, 2, 4),
    memoryMiB: fc.constantFrom(2048, 4096, 8192),
    cpu: fc.constantFrom(0.5, 1, 2, 4),
    dirtyMibps: fc.constantFrom(0, 50, 2000),
    desired: fc.record({ numaPinned: fc.boolean(), suspended: often(false, [true]) }),
  }),
  wish: fc.option(fc.constantFrom(...HOSTS), { nil: undefined }),
  vfs: fc.constantFrom(0, 0, 1, 2),
  gpus: fc.constantFrom(0, 0, 0, 1),
});

const machines = fc.uniqueArray(fc.constantFrom(...MACHINES), { minLength: 2, maxLength: 4 });
const hostNames = fc.uniqueArray(fc.constantFrom(...HOSTS), { minLength: 1, maxLength: 3 });
const topology = fc.constantFrom('host' as const, 'accessGroup' as const, 'zone' as const);

const rule: fc.Arbitrary<RuleLine> = fc.oneof(
  fc.record({ machines, kind: fc.constantFrom('affinity' as const, 'anti-affinity' as const), topology }),
  fc.record({ machines, kind: fc.constant('spread' as const), topology, maxSkew: fc.constantFrom(1, 2) }),
  fc.record({ machines, kind: fc.constantFrom('pin' as const, 'ban' as const), hosts: hostNames }),
);

/** Small clusters in which anything may be asked for; running machines have their devices, nothing else is promised. */
export const cluster: fc.Arbitrary<FixtureLines> = fc
  .record({
    hosts: fc.array(host, { minLength: 2, maxLength: HOSTS.length }),
    machines: fc.array(fc.record({ drawn: machine, place: fc.option(fc.nat(4), { nil: null, freq: 6 }) }), {
      maxLength: MACHINES.length,
    }),
    rules: fc.array(rule, { maxLength: 3 }),
  })
  .map((drawn) => linesOf(drawn));

/** Hosts that are full (two machines each), an empty spare one now and then, and machines that shall all go to another slot. */
export const shuffled: fc.Arbitrary<FixtureLines> = fc
  .record({
    slots: fc
      .integer({ min: 2, max: 5 })
      .chain((hosts) => fc.shuffledSubarray(slotsOf(hosts), { minLength: 2 * hosts, maxLength: 2 * hosts })),
    spare: fc.boolean(),
    vfs: fc.constantFrom(0, 1),
    apart: fc.boolean(),
  })
  .map(({ slots, spare, vfs, apart }): FixtureLines => {
    const names = [...new Set(slots)].toSorted();
    const claims: Readonly<Record<string, 'vf'>> = vfs === 0 ? {} : { net: 'vf' };
    const size = { cpus: 8, memoryMiB: 16_384, vfs: 2, hugepages: 0 };
    return {
      hosts: Object.fromEntries([...names, ...(spare ? ['spare'] : [])].map((name) => [name, size])),
      machines: Object.fromEntries(
        slotsOf(names.length).map((on, index) => [
          `m${index}`,
          { on, host: slots[index] ?? on, vcpus: 4, memoryMiB: 8192, claims },
        ]),
      ),
      rules:
        apart && slots[0] !== slots[3] ? [{ kind: 'anti-affinity', topology: 'host', machines: ['m0', 'm3'] }] : [],
    };
  });

function slotsOf(hosts: number): string[] {
  return HOSTS.slice(0, hosts).flatMap((name) => [name, name]);
}

function linesOf(drawn: {
  readonly hosts: readonly HostLine[];
  readonly machines: readonly { readonly drawn: Drawn; readonly place: number | null }[];
  readonly rules: readonly RuleLine[];
}): FixtureLines {
  const names = HOSTS.slice(0, drawn.hosts.length);
  const left = new Map(
    drawn.hosts.map((line, index) => [HOSTS[index] ?? '', { vf: line.vfs ?? 0, gpu: line.gpus ?? 0 }]),
  );
  const lines = drawn.machines.map(({ drawn: { line, wish, vfs, gpus }, place }, index) => {
    const on = place === null ? undefined : names[place % names.length];
    const room = left.get(on ?? '');
    const fits = room !== undefined && room.vf >= vfs && room.gpu >= gpus;
    if (fits) left.set(on ?? '', { vf: room.vf - vfs, gpu: room.gpu - gpus });
    const claims = Object.fromEntries([
      ...Array.from({ length: vfs }, (_, claim) => [`net-${claim}`, 'vf'] as const),
      ...Array.from({ length: gpus }, (_, claim) => [`gpu-${claim}`, 'gpu'] as const),
    ]);
    const pinned = wish !== undefined && names.includes(wish) && index % 3 === 0 ? { host: wish } : {};
    return [
      MACHINES[index] ?? '',
      { ...line, claims, ...pinned, ...(fits && on !== undefined ? { on } : {}) },
    ] as const;
  });
  const known = new Set(lines.map(([name]) => name));
  return {
    hosts: Object.fromEntries(drawn.hosts.map((line, index) => [HOSTS[index] ?? '', line])),
    machines: Object.fromEntries(lines),
    rules: drawn.rules.flatMap((entry) => {
      const members = entry.machines.filter((name) => known.has(name));
      return members.length < 2 ? [] : [{ ...entry, machines: members }];
    }),
  };
}

function often<T>(usual: T, rare: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });
}
