import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock/virtual.js';
import { openSimulator, type Simulator } from '../../../src/drivers/simulator/simulator.js';
import { savedTime, SimulatorStateDamage } from '../../../src/drivers/simulator/state-file.js';
import { code, context, host, open, scenarioOf, vf, vm } from './cluster-of.js';
import { commission, migrate } from './orders.js';

const scenario = scenarioOf([host('a'), host('b')], [vm('m', 'a', { vf: vf(0) }), vm('n', 'a')]);

let folder: string;
let stateFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-simulator-'));
  stateFile = join(folder, 'deep', 'simulator.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Another process that opens the same cluster; of its scenario only hosts that are new count. */
function later(
  other = scenarioOf([host('a', { vfs: 1 })], [vm('x', 'a')]),
): Simulator & { readonly clock: VirtualClock } {
  const clock = new VirtualClock(savedTime(stateFile) ?? scenario.startsAt);
  return { ...openSimulator({ scenario: other, stateFile, clock, seed: 1, faults: { kind: 'none' } }), clock };
}

describe('the file of a simulated cluster', () => {
  it('is not there before something happens', async () => {
    const simulator = open(scenario, { stateFile });
    await simulator.hypervisor.observe();
    expect(savedTime(stateFile)).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('holds every effect for the next command, which starts at the time it had reached', async () => {
    const simulator = open(scenario, { stateFile });
    await simulator.clock.sleep(60_000);
    expect(code(await simulator.hypervisor.perform(commission('b', 'm', vf(1)), context({ epoch: 9 })))).toBe('done');
    const before = await simulator.hypervisor.observe();
    const next = later();
    expect(next.clock.now()).toBeGreaterThan(scenario.startsAt + 60_000);
    expect(await next.hypervisor.observe()).toEqual(before);
    const stale = await next.hypervisor.perform(commission('b', 'm', vf(1)), context({ epoch: 8 }));
    expect(code(stale)).toBe('failed StaleEpoch');
    expect(readdirSync(join(folder, 'deep'))).toEqual(['simulator.json']);
  });

  it('lets a migration go on whose controller is gone', async () => {
    const simulator = open(scenario, {
      stateFile,
      faults: { kind: 'at', faults: [{ call: 1, fault: 'crash-during' }] },
    });
    await expect(simulator.hypervisor.perform(migrate('n', 'a', 'b'), context())).rejects.toThrow('crashed');
    const next = later();
    const states = async (): Promise<readonly string[]> =>
      (await next.hypervisor.observe()).machines
        .filter((machine) => machine.name === 'n')
        .map((machine) => `${machine.host} ${machine.state}`);
    expect(await states()).toEqual(['a running', 'b incoming']);
    await next.clock.sleep(10_000);
    expect(await states()).toEqual(['b running']);
    expect(later().cluster.look().migrations).toEqual([]);
  });

  it('brings what another process did while this one was idle', async () => {
    const daemon = open(scenario, { stateFile });
    await daemon.hypervisor.perform(commission('b', 'm', vf(1)), context());
    const command = later();
    await command.hypervisor.perform(commission('b', 'n', vf(2)), context());
    expect((await daemon.hypervisor.observe()).dummies.length).toBe(2);
    await daemon.hypervisor.perform(commission('b', 'o', vf(3)), context());
    expect((await later().hypervisor.observe()).dummies.length).toBe(3);
  });

  it('gets hosts that the scenario has gained, with what runs there, whoever wrote it since; what is there stays', async () => {
    const daemon = open(scenario, { stateFile });
    await daemon.hypervisor.perform(commission('b', 'm', vf(1)), context());
    const grown = scenarioOf([host('a'), host('c', { latencyMs: { cell: 2 } })], [vm('n', 'c'), vm('o', 'c')]);
    const command = later(grown);
    // The other one does not know of the new host, and writes before anything was done there.
    await daemon.hypervisor.perform(commission('b', 'n', vf(2)), context());
    const seen = await command.hypervisor.observe();
    expect(seen.hosts.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(seen.machines.map(({ name, host }) => `${name} ${host}`)).toEqual(['m a', 'n a', 'o c']);
    expect(seen.latencies).toEqual([{ host: 'c', site: 'cell', ms: 2 }]);
    expect(seen.dummies.length).toBe(2);
    expect(code(await command.hypervisor.perform(migrate('n', 'a', 'c'), context()))).toBe('done');
    expect(await later().hypervisor.observe()).toEqual(await command.hypervisor.observe());
    expect((await daemon.hypervisor.observe()).hosts.length).toBe(3);
  });

  it('that was cut short anywhere is refused with what to do, never half read', async () => {
    const simulator = open(scenario, { stateFile });
    await simulator.hypervisor.perform(commission('b', 'm', vf(1)), context());
    const whole = readFileSync(stateFile);
    for (let length = 0; length < whole.length - 1; length += 97) {
      writeFileSync(stateFile, whole.subarray(0, length));
      expect(() => savedTime(stateFile)).toThrow(SimulatorStateDamage);
    }
    writeFileSync(stateFile, whole.toString().replace('"format":1', '"format":2'));
    expect(() => later()).toThrow(/format 2 is not known; remove the file/);
  });
});
