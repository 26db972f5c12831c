import { describe, expect, it } from 'vitest';
import { FAULTS, SimulatedCrash, faultOf, type Fault } from '../../../src/drivers/simulator/faults.js';
import { code, context, deadline, host, open, scenarioOf, vf, vm } from './cluster-of.js';
import { commission, migrate, start } from './orders.js';

const scenario = scenarioOf([host('a'), host('b')], [vm('m', 'a')]);
const DEADLINE_MS = 60_000;

async function answer(work: Promise<{ readonly kind: string }>): Promise<string> {
  try {
    return code((await work) as Parameters<typeof code>[0]);
  } catch (error) {
    if (error instanceof SimulatedCrash) return 'crash';
    throw error;
  }
}

const CASES: readonly (readonly [Fault, string, boolean])[] = [
  ['fail-before', 'failed InternalError', false],
  ['fail-after', 'failed InternalError', true],
  ['hang', 'unknown DeadlineExceeded', false],
  ['lose-answer', 'unknown DeadlineExceeded', true],
  ['crash-before', 'crash', false],
  ['crash-during', 'crash', true],
  ['crash-after', 'crash', true],
];

describe('a fault', () => {
  it('of every kind has a case here', () => {
    expect(CASES.map(([fault]) => fault)).toEqual(FAULTS);
  });

  it.each(CASES)('%s at a call gives %s, its effect there: %s', async (fault, expected, effect) => {
    const simulator = open(scenario, { faults: { kind: 'at', faults: [{ call: 1, fault }] } });
    const signal = deadline(simulator.clock, DEADLINE_MS);
    expect(await answer(simulator.hypervisor.perform(commission('b', 'm', vf(0)), context({ signal })))).toBe(expected);
    const { dummies } = await simulator.reconnect({ kind: 'none' }).hypervisor.observe();
    expect(dummies.length).toBe(effect ? 1 : 0);
  });

  it.each(CASES)(
    '%s at a migration gives %s, the machine on the target in the end: %s',
    async (fault, expected, effect) => {
      const simulator = open(scenario, { faults: { kind: 'at', faults: [{ call: 1, fault }] } });
      const signal = deadline(simulator.clock, DEADLINE_MS);
      expect(await answer(simulator.hypervisor.perform(migrate('m', 'a', 'b'), context({ signal })))).toBe(expected);
      await simulator.clock.sleep(DEADLINE_MS);
      const { machines } = await simulator.reconnect({ kind: 'none' }).hypervisor.observe();
      expect(machines.map((machine) => machine.host)).toEqual([effect ? 'b' : 'a']);
    },
  );

  it('never changes an answer that is a refusal into another one', async () => {
    const simulator = open(scenario, { faults: { kind: 'at', faults: [{ call: 1, fault: 'fail-after' }] } });
    const outcome = await simulator.hypervisor.perform(commission('b', 'm', '0000:ff:00.0'), context());
    expect(code(outcome)).toBe('failed DeviceMissing');
  });

  it('at an observation makes one host unknown, or ends the controller', async () => {
    for (const fault of FAULTS) {
      const simulator = open(scenario, { faults: { kind: 'at', faults: [{ call: 1, fault }] } });
      const observing = simulator.hypervisor.observe();
      if (fault.startsWith('crash')) await expect(observing).rejects.toBeInstanceOf(SimulatedCrash);
      else {
        const { hosts, machines } = await observing;
        const silent = hosts.filter((other) => other.state === 'unknown').map((other) => other.name);
        expect(silent.length).toBe(1);
        expect(machines.length).toBe(silent[0] === 'a' ? 0 : 1);
      }
    }
  });

  it('at telemetry gives no samples rather than made up ones', async () => {
    const simulator = open(scenario, { faults: { kind: 'at', faults: [{ call: 1, fault: 'hang' }] } });
    const query = { until: simulator.clock.now(), windowSeconds: 300, windows: 1 };
    expect(await simulator.telemetry.samples(query)).toEqual([]);
    expect((await simulator.telemetry.samples(query)).length).toBeGreaterThan(0);
  });
});

describe('a crash', () => {
  it('ends whatever else the controller was at, and none of its orders has an effect any more', async () => {
    const simulator = open(scenario, { faults: { kind: 'at', faults: [{ call: 2, fault: 'crash-before' }] } });
    const first = answer(simulator.hypervisor.perform(start('a', 'late'), context()));
    await simulator.clock.sleep(100);
    expect(await answer(simulator.hypervisor.perform(commission('b', 'm', vf(0)), context()))).toBe('crash');
    expect(await first).toBe('crash');
    expect(await answer(simulator.hypervisor.perform(commission('b', 'm', vf(0)), context()))).toBe('crash');
    const { machines, dummies } = await simulator.reconnect({ kind: 'none' }).hypervisor.observe();
    expect([machines.map((machine) => machine.name), dummies]).toEqual([['m'], []]);
  });

  it('leaves a migration running, visible to the next controller, who can abort it', async () => {
    const simulator = open(scenario, { faults: { kind: 'at', faults: [{ call: 1, fault: 'crash-during' }] } });
    const moving = simulator.hypervisor.perform(migrate('m', 'a', 'b', { bandwidthMibps: 10 }), context());
    await expect(moving).rejects.toBeInstanceOf(SimulatedCrash);
    const next = simulator.reconnect({ kind: 'none' });
    const before = (await next.hypervisor.observe()).machines.find((machine) => machine.host === 'a');
    expect(before?.job).toMatchObject({ to: 'b' });
    await simulator.clock.sleep(10_000);
    const after = (await next.hypervisor.observe()).machines.find((machine) => machine.host === 'a');
    expect(after?.job?.doneBytes).toBeGreaterThan(before?.job?.doneBytes ?? Infinity);
    await next.hypervisor.perform({ port: 'hypervisor', kind: 'abort', machine: 'm', host: 'a' }, context());
    const { machines } = await next.hypervisor.observe();
    expect(machines.map((machine) => [machine.host, machine.state, machine.job])).toEqual([['a', 'running', null]]);
  });
});

describe('the calls of a connection', () => {
  it('are counted over all three ports, so that a test can enumerate them', async () => {
    const simulator = open(scenario);
    await simulator.hypervisor.observe();
    await simulator.fabric.observe();
    await simulator.hypervisor.perform(commission('b', 'm', vf(0)), context());
    await simulator.telemetry.samples({ until: simulator.clock.now(), windowSeconds: 300, windows: 1 });
    expect(simulator.calls().map((call) => `${call.number} ${call.name}`)).toEqual([
      '1 observe hypervisor',
      '2 observe fabric',
      '3 commission berth-dummy-m-net on b',
      '4 samples',
    ]);
  });

  it('meet faults at about the rate of a random plan, all kinds among them, the same ones from the same seed', () => {
    const draw = (seed: number): readonly (Fault | null)[] =>
      Array.from({ length: 10_000 }, (_, call) => faultOf({ kind: 'random', seed, rate: 0.1 }, call));
    const faults = draw(11);
    expect(draw(11)).toEqual(faults);
    expect(draw(12)).not.toEqual(faults);
    const share = faults.filter((fault) => fault !== null).length / faults.length;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.11);
    expect(new Set(faults)).toEqual(new Set([null, ...FAULTS]));
  });

  it('whose deadline passes half way answer unknown, whether the effect came before it or not', async () => {
    for (const [ms, effect] of [
      [100, 0],
      [700, 1],
    ] as const) {
      const simulator = open(scenario);
      const signal = deadline(simulator.clock, ms);
      const outcome = await simulator.hypervisor.perform(commission('b', 'm', vf(0)), context({ signal }));
      expect(code(outcome)).toBe('unknown DeadlineExceeded');
      expect((await simulator.hypervisor.observe()).dummies.length).toBe(effect);
    }
  });

  it('are not made at all when the signal is aborted before', async () => {
    const simulator = open(scenario);
    const signal = AbortSignal.abort();
    expect(code(await simulator.hypervisor.perform(start('a', 'n'), context({ signal })))).toBe('failed Aborted');
    expect(simulator.clock.now()).toBe(scenario.startsAt);
  });
});
