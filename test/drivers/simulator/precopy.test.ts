import { describe, expect, it } from 'vitest';
import type { Measured } from '../../../src/model/index.js';
import { code, context, deadline, host, open, scenarioOf, vm, type Opened } from './cluster-of.js';
import { migrate } from './orders.js';

const RATE_MIBPS = 1000;
const SETUP_MS = 300;
const SWITCHOVER_MS = 20;

/**
 * Closed form of pre-copy (Clark et al., NSDI 2005) at a constant rate r and dirty rate d, with ρ = d/r: round i sends M·ρ^i, so
 * n rounds take (M/r)·(1−ρ^n)/(1−ρ), and the machine is paused for the n-th when M·ρ^n / r fits into the allowed downtime.
 */
function predicted(memoryMiB: number, dirtyMibps: number, rateMibps: number, maxDowntimeMs: number): Measured {
  const ratio = dirtyMibps / rateMibps;
  const firstMs = (memoryMiB / rateMibps) * 1000;
  let rounds = 1;
  while (firstMs * ratio ** rounds + SWITCHOVER_MS > maxDowntimeMs && firstMs * ratio ** rounds > 0) rounds++;
  const sends = (1 - ratio ** (rounds + 1)) / (1 - ratio);
  return {
    seconds: (SETUP_MS + firstMs * sends + SWITCHOVER_MS) / 1000,
    bytes: memoryMiB * sends * 2 ** 20,
    downtimeMs: firstMs * ratio ** rounds + SWITCHOVER_MS,
  };
}

async function measured(simulator: Opened, action: ReturnType<typeof migrate>): Promise<Measured> {
  const outcome = await simulator.hypervisor.perform(action, context());
  if (outcome.kind !== 'done' || outcome.measured === undefined) throw new Error(code(outcome));
  return outcome.measured;
}

const three = [host('a'), host('b'), host('c')];

describe('pre-copy', () => {
  it.each([
    [4096, 0, 0, 300, 'an idle machine: one round'],
    [4096, 50, 0, 300, 'a quiet one'],
    [16_384, 400, 0, 300, 'a busy one'],
    [16_384, 900, 0, 300, 'one that only just converges'],
    [16_384, 400, 0, 25, 'a tight downtime'],
    [16_384, 400, 500, 300, 'a bandwidth below the network'],
    [8192, 100, 5000, 300, 'a bandwidth above the network'],
  ])('of %i MiB dirtied at %i MiB/s takes what the formula says (bandwidth %i, downtime %i): %s', async (...row) => {
    const [memoryMiB, dirtyMibps, bandwidthMibps, maxDowntimeMs] = row;
    const simulator = open(scenarioOf(three, [vm('m', 'a', { memoryMiB, dirtyMibps })]));
    const real = await measured(simulator, migrate('m', 'a', 'b', { bandwidthMibps, maxDowntimeMs }));
    const rate = bandwidthMibps === 0 ? RATE_MIBPS : Math.min(RATE_MIBPS, bandwidthMibps);
    const model = predicted(memoryMiB, dirtyMibps, rate, maxDowntimeMs);
    expect(real.seconds).toBeCloseTo(model.seconds, 4);
    expect(real.bytes / 2 ** 20).toBeCloseTo(model.bytes / 2 ** 20, 3);
    expect(real.downtimeMs).toBeCloseTo(model.downtimeMs, 4);
    expect(real.downtimeMs).toBeLessThanOrEqual(maxDowntimeMs);
  });

  it('of a machine that dirties faster than the network carries goes on until it is aborted', async () => {
    const simulator = open(scenarioOf(three, [vm('m', 'a', { memoryMiB: 2048, dirtyMibps: 1200 })]));
    const signal = deadline(simulator.clock, 600_000);
    const outcome = await simulator.hypervisor.perform(migrate('m', 'a', 'b'), context({ signal }));
    expect(code(outcome)).toBe('failed Aborted');
    expect(outcome).toMatchObject({ message: expect.stringMatching(/round 2\d\d$/) as string });
    const { machines } = await simulator.hypervisor.observe();
    expect(machines.map((machine) => `${machine.name} ${machine.host} ${machine.state}`)).toEqual(['m a running']);
  });

  it.each([
    ['from one host', 'a', 'b', 'a', 'c'],
    ['to one host', 'a', 'c', 'b', 'c'],
  ])('shares the network of a host evenly between two migrations %s', async (_, from1, to1, from2, to2) => {
    const machines = [
      vm('m', from1, { memoryMiB: 8192, dirtyMibps: 100 }),
      vm('n', from2, { memoryMiB: 8192, dirtyMibps: 100 }),
    ];
    const simulator = open(scenarioOf(three, machines, { durationsMs: { migrate: 0 } }));
    const both = await Promise.all([
      measured(simulator, migrate('m', from1, to1)),
      measured(simulator, migrate('n', from2, to2)),
    ]);
    const model = predicted(8192, 100, RATE_MIBPS / 2, 300);
    for (const real of both) expect(real.seconds).toBeCloseTo(model.seconds, 1);
  });

  it('does not share between hosts that have nothing to do with each other', async () => {
    const machines = [vm('m', 'a', { memoryMiB: 8192 }), vm('n', 'c', { memoryMiB: 8192 })];
    const simulator = open(scenarioOf([...three, host('d')], machines));
    const both = await Promise.all([
      measured(simulator, migrate('m', 'a', 'b')),
      measured(simulator, migrate('n', 'c', 'd')),
    ]);
    for (const real of both) expect(real.seconds).toBeCloseTo(predicted(8192, 10, RATE_MIBPS, 300).seconds, 4);
  });

  it('gives the rest of the network to the migration that is left when the other ends', async () => {
    const machines = [
      vm('small', 'a', { memoryMiB: 1000, dirtyMibps: 0 }),
      vm('large', 'a', { memoryMiB: 5000, dirtyMibps: 0 }),
    ];
    const simulator = open(scenarioOf(three, machines, { durationsMs: { migrate: 0 } }));
    const [small, large] = await Promise.all([
      measured(simulator, migrate('small', 'a', 'b')),
      measured(simulator, migrate('large', 'a', 'c')),
    ]);
    const still = (SETUP_MS + SWITCHOVER_MS) / 1000;
    expect(small.seconds).toBeCloseTo(2 + still, 4);
    expect(large.seconds).toBeCloseTo(2 + 4 + still, 4);
  });

  it('copies disks that are not shared along with the first round', async () => {
    const simulator = open(scenarioOf(three, [vm('m', 'a', { dirtyMibps: 0, sharedDisks: false, diskGiB: 10 })]));
    const real = await measured(simulator, migrate('m', 'a', 'b'));
    expect(real.bytes / 2 ** 20).toBeCloseTo(2048 + 10 * 1024, 3);
  });

  it('pauses the machine for the last round only', async () => {
    const simulator = open(
      scenarioOf(three, [vm('m', 'a', { memoryMiB: 4096, dirtyMibps: 200 })], { durationsMs: { observe: 0 } }),
    );
    const states: string[] = [];
    const done = new AbortController();
    const watching = (async () => {
      while (!done.signal.aborted) {
        const source = (await simulator.hypervisor.observe()).machines.find((machine) => machine.host === 'a');
        states.push(source?.state ?? 'gone');
        await simulator.clock.sleep(10);
      }
    })();
    const real = await measured(simulator, migrate('m', 'a', 'b', { maxDowntimeMs: 200 }));
    done.abort();
    await watching;
    const count = (state: string): number => states.filter((other) => other === state).length;
    expect(Math.abs(count('paused') * 10 - real.downtimeMs)).toBeLessThanOrEqual(20);
    expect(count('running')).toBeGreaterThan(400);
  });

  it('that is aborted while the machine is paused lets it run on at the source', async () => {
    const simulator = open(scenarioOf(three, [vm('m', 'a', { memoryMiB: 4096, dirtyMibps: 900 })]));
    const signal = deadline(simulator.clock, 6000);
    const moving = simulator.hypervisor.perform(migrate('m', 'a', 'b', { maxDowntimeMs: 10_000 }), context({ signal }));
    await simulator.clock.sleep(5900);
    const states = async (): Promise<readonly string[]> =>
      (await simulator.hypervisor.observe()).machines.map((machine) => `${machine.host} ${machine.state}`);
    expect(await states()).toEqual(['b incoming', 'a paused']);
    expect(code(await moving)).toBe('failed Aborted');
    expect(await states()).toEqual(['a running']);
  });
});
