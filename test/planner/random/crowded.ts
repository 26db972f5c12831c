import fc from 'fast-check';
import type { FixtureLines, MachineLine } from '../fixture-lines.js';

const HOSTS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];

/** Crowded clusters whose machines are asked to change places: cycles, bypasses, and rooms and VFs that are given on. */
export const crowded: fc.Arbitrary<FixtureLines> = fc
  .record({
    order: fc.shuffledSubarray(HOSTS, { minLength: 6 }),
    sizes: fc.array(fc.constantFrom(4096, 8192, 12_288), { minLength: 12, maxLength: 12 }),
    vfs: fc.array(fc.nat({ max: 2 }), { minLength: 12, maxLength: 12 }),
    spareVfs: fc.nat({ max: 2 }),
    roomMiB: fc.constantFrom(20_480, 24_576, 28_672),
    apart: fc.subarray(['a0', 'a1', 'a2', 'b0', 'b1', 'b2'], { minLength: 2 }),
    topology: fc.constantFrom('host' as const, 'zone' as const),
    kind: fc.constantFrom('anti-affinity' as const, 'spread' as const),
    live: fc.boolean(),
  })
  .map(({ order, sizes, vfs, spareVfs, roomMiB, apart, topology, kind, live }) => {
    const machines = HOSTS.flatMap((on, index) =>
      ['a', 'b'].map((row, offset): readonly [string, MachineLine] => {
        const number = 2 * index + offset;
        const claims = Array.from({ length: vfs[number] ?? 0 }, (_, claim) => [`n${claim}`, 'vf'] as const);
        const host = order[(index + offset) % order.length] ?? on;
        return [`${row}${index}`, { on, host, memoryMiB: sizes[number] ?? 4096, claims: Object.fromEntries(claims) }];
      }),
    );
    const used = (index: number): number => (vfs[2 * index] ?? 0) + (vfs[2 * index + 1] ?? 0);
    const hosts = HOSTS.map(
      (name, index) =>
        [name, { vfs: used(index) + spareVfs, memoryMiB: roomMiB, live, zone: index < 3 ? 'y' : 'z' }] as const,
    );
    const rule =
      kind === 'spread'
        ? ({ kind, topology, maxSkew: 2, machines: apart } as const)
        : ({ kind, topology, machines: apart } as const);
    return { hosts: Object.fromEntries(hosts), machines: Object.fromEntries(machines), rules: [rule] };
  });
