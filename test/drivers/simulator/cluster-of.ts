import { VirtualClock } from '../../../src/clock/virtual.js';
import { expandScenario } from '../../../src/drivers/simulator/expand.js';
import type { FaultPlan } from '../../../src/drivers/simulator/faults.js';
import type { HostInput, MachineInput, Scenario, ScenarioInput } from '../../../src/drivers/simulator/scenario.js';
import { openSimulator, type Simulator } from '../../../src/drivers/simulator/simulator.js';
import type { Outcome } from '../../../src/model/index.js';
import type { ActionContext } from '../../../src/ports/index.js';

/** A host with one NIC `ens1f0` at 0000:3b:00.0; its VFs are 0000:3b:01.0, 01.1 and so on. */
export function host(name: string, parts: Partial<HostInput> & { readonly vfs?: number } = {}): HostInput {
  const { vfs = 4, ...rest } = parts;
  return {
    name,
    switch: 'leaf-1',
    cells: [{ cpus: 16, memoryMiB: 32_768 }],
    migrationMibps: 1000,
    nics: [{ netdev: 'ens1f0', bdf: '0000:3b:00.0', vfs }],
    ...rest,
  };
}

/** A running machine; `vf` is its device for the claim `net`. */
export function vm(
  name: string,
  on: string,
  parts: Partial<MachineInput> & { readonly vf?: string; readonly mac?: string } = {},
): MachineInput {
  const { vf, mac = macOf(name), ...rest } = parts;
  const devices: MachineInput['devices'] =
    vf === undefined ? {} : { net: { bdf: vf, mac, guestAddress: GUEST_ADDRESS } };
  return { name, host: on, memoryMiB: 2048, dirtyMibps: 10, devices, load: 30, ...rest };
}

export const GUEST_ADDRESS = '0000:05:00.0';

/** An address for a machine's only claim. */
export function macOf(name: string): string {
  const sum = Array.from(name).reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 0xffffff, 7);
  return `52:54:00:${sum
    .toString(16)
    .padStart(6, '0')
    .replace(/(..)(..)(..)/, '$1:$2:$3')}`;
}

/** VF number `index` of the NIC that {@link host} makes. */
export function vf(index: number): string {
  return `0000:3b:01.${index}`;
}

/** A scenario in code. */
export function scenarioOf(
  hosts: readonly HostInput[],
  machines: readonly MachineInput[] = [],
  rest: Partial<ScenarioInput> = {},
): Scenario {
  return expandScenario({ hosts, machines, ...rest });
}

export interface Opened extends Simulator {
  readonly clock: VirtualClock;
  readonly events: string[];
}

/** A cluster in memory on a virtual clock of its own, with the list of what happened. */
export function open(
  scenario: Scenario,
  options: { readonly seed?: number; readonly faults?: FaultPlan; readonly stateFile?: string } = {},
): Opened {
  const clock = new VirtualClock(scenario.startsAt);
  const events: string[] = [];
  const simulator = openSimulator({
    scenario,
    stateFile: options.stateFile ?? null,
    clock,
    seed: options.seed ?? 1,
    faults: options.faults ?? { kind: 'none' },
    onEvent: ({ at, message }) => events.push(`${at} ${message}`),
  });
  return { ...simulator, clock, events };
}

/** What goes along with an action, when nothing special does. */
export function context(parts: Partial<ActionContext> = {}): ActionContext {
  return {
    idempotencyKey: 'test',
    signal: new AbortController().signal,
    epoch: null,
    onProgress: () => undefined,
    ...parts,
  };
}

/** A signal that is aborted at a moment of the virtual clock. */
export function deadline(clock: VirtualClock, ms: number): AbortSignal {
  const abort = new AbortController();
  void clock.sleep(ms).then(() => abort.abort());
  return abort.signal;
}

/** `done`, or the code. */
export function code(outcome: Outcome): string {
  return outcome.kind === 'done' ? 'done' : `${outcome.kind} ${outcome.code}`;
}
