import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/model/index.js';
import { plan } from '../../../src/planner/index.js';
import { replay } from '../../../src/planner/replay/index.js';
import type { FixtureLines, MachineLine } from '../fixture-lines.js';
import { fixture } from '../fixture.js';
import { execute } from './execution.js';
import type { Dice } from './execution.js';

const SEED = Number(process.env['SEED'] ?? 20260106);
const RUNS = Number(process.env['RUNS'] ?? 60);
const HOSTS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];

/** Crowded clusters whose machines are asked to change places: cycles, bypasses, and rooms and VFs that are given on. */
const crowded: fc.Arbitrary<FixtureLines> = fc
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

describe(`what the planner plans for crowded clusters (seed ${SEED})`, () => {
  it('is accepted, and often enough there is something to accept', () => {
    let moves = 0;
    let bypasses = 0;
    fc.assert(
      fc.property(crowded, (lines) => {
        const { desired, world } = fixture(lines);
        const made = plan(desired, world);
        moves += made.moves.length;
        bypasses += made.moves.filter((move) => move.bypass).length;
        expect(replay(made, desired, world)).toEqual({ accepted: true });
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(moves).toBeGreaterThan(RUNS);
    expect(bypasses).toBeGreaterThan(0);
  });

  it('is refused when a dependency is taken away, unless no order of its steps does harm', () => {
    let caught = 0;
    fc.assert(
      fc.property(crowded, fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), (lines, numbers) => {
        const { desired, world } = fixture(lines);
        const made = withoutLinks(plan(desired, world), numbers[0] ?? 0);
        if (!replay(made, desired, world).accepted) {
          caught += 1;
          return;
        }
        for (const number of numbers) expect(execute(made, desired, world, diceOf(number))).toEqual([]);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(caught).toBeGreaterThan(0);
  });
});

/** The plan with one move that no longer waits for one of those that it waited for. */
function withoutLinks(made: Plan, pick: number): Plan {
  const links = made.steps.flatMap((step) =>
    step.dependsOn
      .filter((id) => !id.startsWith(`${step.move}/`))
      .map((id) => [step.move, id.split('/')[0] ?? ''] as const),
  );
  const [later, earlier] = links[pick % Math.max(1, links.length)] ?? ['', ''];
  const steps = made.steps.map((step) =>
    step.move === later ? { ...step, dependsOn: step.dependsOn.filter((id) => !id.startsWith(`${earlier}/`)) } : step,
  );
  return { ...made, steps };
}

/** A linear congruential generator: enough to shuffle with. */
function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
