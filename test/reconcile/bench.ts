import { VirtualClock } from '../../src/clock/virtual.js';
import { expandScenario } from '../../src/drivers/simulator/expand.js';
import type { FaultPlan } from '../../src/drivers/simulator/faults.js';
import type { Scenario } from '../../src/drivers/simulator/scenario.js';
import { openSimulator, type Simulator } from '../../src/drivers/simulator/simulator.js';
import { memoryJournal } from '../../src/journal/index.js';
import { memoryLease } from '../../src/lease/index.js';
import { memoryLedger } from '../../src/ledger/index.js';
import type { Action, Outcome, Plan } from '../../src/model/index.js';
import type { JournalRecord } from '../../src/ports/index.js';
import {
  type Acting,
  adopt,
  execute,
  type ExecutionContext,
  type ExecutionResult,
  observe,
  type ProgressEvent,
  recover,
  sweep,
} from '../../src/reconcile/index.js';
import { whileRenewing } from '../../src/reconcile/acting.js';
import { openPlansIn } from '../../src/reconcile/history.js';
import { host, macOf, vf, vm } from '../drivers/simulator/cluster-of.js';
import { mortal, type Mortal } from './mortal.js';
import { GUEST_ADDRESS, type MoveOf } from './plan-of.js';
import { brokenAtRest, brokenNow } from './promises.js';

export { dummyOf, planOf, type MoveOf } from './plan-of.js';
export { macOf, vf } from '../drivers/simulator/cluster-of.js';

const NIC = { netdev: 'ens1f0', bdf: '0000:3b:00.0', vfs: 4, liveMigratable: true };

/** Three hosts, `du-1` on h1 with a VF, `cu-1` on h2 with a VF, `db-1` on h1 without a device. */
export function smallCluster(): Scenario {
  const device = (machine: string) => ({
    net: { bdf: vf(0), mac: macOf(machine), guestAddress: GUEST_ADDRESS, profile: 'fronthaul', vlan: 100, trust: true },
  });
  return expandScenario({
    hosts: ['h1', 'h2', 'h3'].map((name) => host(name, { nics: [NIC] })),
    machines: [
      vm('du-1', 'h1', { devices: device('du-1') }),
      vm('cu-1', 'h2', { devices: device('cu-1') }),
      vm('db-1', 'h1', {}),
    ],
  });
}

/** `du-1` from h1 to h3. */
export function duMove(parts: Partial<MoveOf> = {}): MoveOf {
  return { machine: 'du-1', from: 'h1', to: 'h3', device: { from: vf(0), to: vf(1), mac: macOf('du-1') }, ...parts };
}

/** A simulated cluster with everything that carrying out a plan needs, all in memory. */
export interface Bench {
  readonly simulator: Simulator;
  readonly clock: VirtualClock;
  readonly ports: Acting;
  readonly records: JournalRecord[];
  readonly events: string[];
  readonly progress: ProgressEvent[];
  /** Promises that were broken at any moment so far. */
  readonly broken: Set<string>;
  readonly machines: readonly string[];
  readonly operatorStop: AbortController;
  execute(plan: Plan, killAt?: number): Promise<ExecutionResult>;
  /** What a controller does when it starts again: recover, then sweep. Waits until the lease of the killed one is over. */
  restart(killAt?: number): Promise<readonly ExecutionResult[]>;
  /** Boundaries of the last run. */
  boundaries(): Mortal['boundaries'];
  hostOf(machine: string): string;
  /** Promises that are broken now that everything is at rest. */
  atRest(): Promise<readonly string[]>;
}

export interface BenchOptions {
  readonly faults?: FaultPlan;
  readonly seed?: number;
  /** Stands between the controller and the drivers. */
  readonly meddle?: Meddle;
  /** Called at each event of the cluster, with the bench's simulator. */
  readonly onEvent?: (message: string, bench: Bench) => void;
}

/** Sees each action before the driver does; `next` passes it on. */
export type Meddle = (action: Action, next: () => Promise<Outcome>, bench: Bench) => Promise<Outcome>;

const TTL_SECONDS = 30;

export async function openBench(options: BenchOptions = {}, scenario = smallCluster()): Promise<Bench> {
  const clock = new VirtualClock(scenario.startsAt);
  const records: JournalRecord[] = [];
  const events: string[] = [];
  const progress: ProgressEvent[] = [];
  const broken = new Set<string>();
  const operatorStop = new AbortController();
  const simulator = openSimulator({
    scenario,
    stateFile: null,
    clock,
    seed: options.seed ?? 1,
    faults: options.faults ?? { kind: 'none' },
    onEvent: ({ message }) => {
      events.push(message);
      options.onEvent?.(message, bench);
      for (const promise of brokenNow(bench.simulator.cluster.look())) broken.add(promise);
    },
  });
  const meddle = options.meddle ?? ((_, next) => next());
  const ports: Acting = {
    cluster: 'test',
    hypervisor: {
      capabilities: simulator.hypervisor.capabilities,
      observe: () => simulator.hypervisor.observe(),
      perform: (action, context) => meddle(action, () => simulator.hypervisor.perform(action, context), bench),
      close: () => simulator.hypervisor.close(),
    },
    fabric: {
      observe: () => simulator.fabric.observe(),
      perform: (action, context) => meddle(action, () => simulator.fabric.perform(action, context), bench),
    },
    ledger: memoryLedger(),
    journal: memoryJournal(clock, records),
    lease: memoryLease(clock),
    clock,
  };
  const machines = scenario.machines.map((machine) => machine.name);
  const managed = new Set(machines);
  let last: Mortal = mortal(ports, 0);
  let runs = 0;

  const begin = async (killAt: number): Promise<ExecutionContext> => {
    last = mortal(ports, killAt);
    const holder = `controller-${++runs}`;
    for (;;) {
      const answer = await ports.lease.acquire(holder, TTL_SECONDS);
      if ('granted' in answer)
        return {
          ports: last.ports,
          leave: { grant: answer.granted, ttlSeconds: TTL_SECONDS, over: { is: false } },
          accessGroups: [{ name: 'g1', hosts: ['h1', 'h2', 'h3'], uplinkMbps: 0 }],
          disruptionBudgets: [],
          signal: operatorStop.signal,
          isSuspended: () => false,
          onProgress: (event) => progress.push(event),
        };
      await clock.sleep(1000);
    }
  };
  const bench: Bench = {
    simulator,
    clock,
    ports,
    records,
    events,
    progress,
    broken,
    machines,
    operatorStop,
    execute: async (plan, killAt = 0) => {
      const context = await begin(killAt);
      const result = await Promise.race([
        whileRenewing(context.ports, context.leave, () => execute(plan, context)),
        last.death,
      ]);
      await ports.lease.release(context.leave.grant);
      return result;
    },
    restart: async (killAt = 0) => {
      const context = await begin(killAt);
      const work = async (): Promise<readonly ExecutionResult[]> => {
        const results = await recover(await context.ports.journal.read(), context);
        const busy = openPlansIn(await context.ports.journal.read())
          .flatMap((open) => open.moves)
          .map((open) => open.move.machine);
        await sweep(await observe(context.ports), managed, new Set(busy), context);
        return results;
      };
      const results = await Promise.race([whileRenewing(context.ports, context.leave, work), last.death]);
      await ports.lease.release(context.leave.grant);
      return results;
    },
    boundaries: () => last.boundaries,
    hostOf: (name) =>
      simulator.cluster
        .look()
        .machines.filter((machine) => machine.name === name && machine.state !== 'stopped')
        .map((machine) => machine.host)
        .join('+'),
    atRest: async () => {
      await clock.sleep(60_000);
      return [...broken, ...brokenAtRest(simulator.cluster.look(), await ports.ledger.read(), machines)];
    },
  };
  await adopt(await observe(ports), managed, ports.ledger);
  return bench;
}
