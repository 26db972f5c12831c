import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/index.js';
import { plan, replay } from '../../src/planner/index.js';
import type { FixtureLines, MachineLine } from './fixture-lines.js';
import { fixture } from './fixture.js';
import { resultOf } from './result.js';

const SEED = Number(process.env['SEED'] ?? 20260105);
const RUNS = { numRuns: Number(process.env['RUNS'] ?? 30), seed: SEED };

function planned(lines: FixtureLines): Plan {
  const { desired, world } = fixture(lines);
  const made = plan(desired, world);
  expect(replay(made, desired, world)).toEqual({ accepted: true });
  expect(plan(desired, resultOf(world, made)).moves).toEqual([]);
  return made;
}

/** Free CPUs of each host in the end. */
const freeOf = ({ projections }: Plan) =>
  Object.fromEntries(projections.after.map(({ host, freeVcpus }) => [host, freeVcpus]));

/** Two large ones and three small ones: one after the other they end as 28 and 20, together as 24 and 24. */
const five = (line: MachineLine): FixtureLines['machines'] =>
  Object.fromEntries(
    [12, 12, 8, 8, 8].map((vcpus, index) => [`m${index}`, { vcpus, memoryMiB: 1024 * vcpus, ...line }]),
  );

describe('places that are chosen together', () => {
  it('fill the hosts evenly with machines that start', () => {
    expect(freeOf(planned({ hosts: { h1: {}, h2: {} }, machines: five({}) }))).toEqual({ h1: 8, h2: 8 });
  });

  it('fill the hosts evenly with machines that leave a drained host', () => {
    const hosts = { h0: { cpus: 64, maintenance: 'drain' as const }, h1: {}, h2: {} };
    expect(freeOf(planned({ hosts, machines: five({ on: 'h0' }) }))).toEqual({ h0: 64, h1: 8, h2: 8 });
  });

  it('keep rules between those that are placed and those that stand', () => {
    const made = planned({
      hosts: { h1: {}, h2: {}, h3: { cpus: 8 } },
      machines: { ...five({}), old: { on: 'h1' } },
      rules: [
        { kind: 'anti-affinity', topology: 'host', machines: ['m0', 'm1'] },
        { kind: 'anti-affinity', topology: 'host', machines: ['m2', 'old'] },
      ],
    });
    const hostOf = new Map(made.moves.map(({ machine, to }) => [machine, to]));
    expect(hostOf.get('m0')).not.toBe(hostOf.get('m1'));
    expect(hostOf.get('m2')).not.toBe('h1');
  });

  it('cost no machine a strategy that it likes better', () => {
    const claims = { net: 'vf' as const };
    const hosts = {
      h0: { cpus: 64, vfs: 8, maintenance: 'drain' as const },
      h1: { vfs: 8 },
      h2: { vfs: 8, live: false },
    };
    const { moves } = planned({ hosts, machines: five({ on: 'h0', claims, memoryMiB: 2048, vcpus: 4 }) });
    expect(new Set(moves.map(({ strategy }) => strategy))).toEqual(new Set(['vfio-live']));
  });

  it('say so of each machine that they sent elsewhere', () => {
    const { moves } = planned({ hosts: { h1: {}, h2: {} }, machines: five({}) });
    const told = moves.filter(({ reasoning }) => reasoning?.without.includes('chosen together with those of 4 others'));
    expect(told.length).toBeGreaterThan(0);
  });

  it(`leave hosts no less even than one after the other, in any cluster (seed ${SEED})`, () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 4, maxLength: 12 });
    const spread = (free: readonly number[]) => free.reduce((sum, value) => sum + (32 - value) ** 2, 0);
    fc.assert(
      fc.property(sizes, fc.integer({ min: 2, max: 4 }), (all, count) => {
        const hosts = Array.from({ length: count }, (_, index) => `h${index}`);
        const machines = all.map((vcpus, index) => [`m${index}`, { vcpus, memoryMiB: 1024 * vcpus }] as const);
        fc.pre(all.reduce((sum, vcpus) => sum + vcpus, 0) <= 24 * count);
        const made = planned({
          hosts: Object.fromEntries(hosts.map((name) => [name, {}])),
          machines: Object.fromEntries(machines),
        });
        const used = hosts.map(() => 0);
        for (const vcpus of all.toSorted((a, b) => b - a)) {
          used[used.indexOf(Math.min(...used))] = Math.min(...used) + vcpus;
        }
        const greedy = spread(used.map((value) => 32 - value));
        expect(spread(Object.values(freeOf(made)))).toBeLessThanOrEqual(greedy + 1e-9);
      }),
      RUNS,
    );
  });
});
