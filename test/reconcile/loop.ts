import { VirtualClock } from '../../src/clock/virtual.js';
import { createDocumentCache } from '../../src/documents/index.js';
import { expandScenario } from '../../src/drivers/simulator/expand.js';
import { type FaultPlan, SimulatedCrash } from '../../src/drivers/simulator/faults.js';
import type { Scenario } from '../../src/drivers/simulator/scenario.js';
import { openSimulator, type Simulator } from '../../src/drivers/simulator/simulator.js';
import { memoryJournal } from '../../src/journal/index.js';
import { memoryLease } from '../../src/lease/index.js';
import { memoryLedger } from '../../src/ledger/index.js';
import type { HypervisorAction, Outcome, Plan } from '../../src/model/index.js';
import type { JournalRecord, Ledger, Lease, Source } from '../../src/ports/index.js';
import {
  type PassFacts,
  type PassOptions,
  type PassPorts,
  type ProgressEvent,
  runPass,
} from '../../src/reconcile/index.js';
import { type ClusterOf, documentsOf, scenarioInputOf } from './documents-of.js';
import { type Boundary, Killed, mortal } from './mortal.js';
import { brokenAtRest, brokenNow } from './promises.js';
import { Repository } from './repository-of.js';

/** The whole loop in memory: a repository, a simulated cluster, and passes over it. */
export interface Loop {
  readonly repository: Repository;
  simulator: Simulator;
  readonly clock: VirtualClock;
  readonly records: JournalRecord[];
  readonly ledger: Ledger;
  readonly lease: Lease;
  readonly progress: ProgressEvent[];
  readonly events: string[];
  readonly broken: Set<string>;
  boundaries: readonly Boundary[];
  /** One pass by a controller of its own. */
  pass(options?: PassBy): Promise<PassFacts>;
  /** The same, or null when the controller was killed. */
  survive(options?: PassBy): Promise<PassFacts | null>;
  hostOf(machine: string): string;
  /** Promises that are broken now that everything is at rest. */
  atRest(machines: readonly string[], written?: readonly string[]): Promise<readonly string[]>;
}

export interface PassBy extends Partial<
  Pick<PassOptions, 'isSuspended' | 'suspendedWhy' | 'refuse' | 'signal' | 'onProgress'>
> {
  readonly killAt?: number;
  readonly faults?: FaultPlan;
  readonly plan?: Plan;
  readonly holder?: string;
  /** Stands between the controller and its hypervisors; `next` passes an action on. */
  readonly meddle?: (action: HypervisorAction, next: () => Promise<Outcome>) => Promise<Outcome>;
  /** Instead of the loop's repository. */
  readonly source?: Source;
}

const LEASE_SECONDS = 30;

/** What a loop begins with. */
export interface LoopStart {
  readonly cluster?: string;
  readonly files: Readonly<Record<string, string>>;
  readonly scenario: Scenario;
  readonly seed?: number;
  readonly ledger?: Ledger;
  /** Called at each event of the cluster. */
  readonly onEvent?: (message: string, loop: Loop) => void;
}

export function openLoop(of: ClusterOf, seed = 1, onEvent?: LoopStart['onEvent']): Loop {
  const start = { files: documentsOf(of), scenario: expandScenario(scenarioInputOf(of)), seed };
  return openLoopOn(onEvent === undefined ? start : { ...start, onEvent });
}

export function openLoopOn(start: LoopStart): Loop {
  const { cluster = 'test', files, scenario, seed = 1, ledger = memoryLedger(), onEvent } = start;
  const repository = new Repository();
  repository.commit(files);
  const clock = new VirtualClock(scenario.startsAt);
  const records: JournalRecord[] = [];
  const cache = createDocumentCache();
  let settled: string | null = null;
  let passes = 0;
  const loop: Loop = {
    repository,
    clock,
    records,
    ledger,
    lease: memoryLease(clock),
    progress: [],
    events: [],
    broken: new Set(),
    boundaries: [],
    simulator: openSimulator({
      scenario,
      stateFile: null,
      clock,
      seed,
      faults: { kind: 'none' },
      onEvent: ({ message }) => {
        loop.events.push(message);
        onEvent?.(message, loop);
        for (const promise of brokenNow(loop.simulator.cluster.look())) loop.broken.add(promise);
      },
    }),
    pass: async (by = {}) => {
      loop.simulator = loop.simulator.reconnect(by.faults ?? { kind: 'none' });
      const { hypervisor } = loop.simulator;
      const meddle: NonNullable<PassBy['meddle']> = by.meddle ?? ((_action, next) => next());
      const ports: PassPorts = {
        cluster,
        source: by.source ?? repository,
        telemetry: loop.simulator.telemetry,
        hypervisor: {
          capabilities: hypervisor.capabilities,
          observe: () => hypervisor.observe(),
          perform: (action, context) => meddle(action, () => hypervisor.perform(action, context)),
          close: () => hypervisor.close(),
        },
        fabric: loop.simulator.fabric,
        ledger: loop.ledger,
        // Compacted by every pass that can, so that all that is tested here is tested with it.
        journal: memoryJournal(clock, records, 0),
        lease: loop.lease,
        clock,
      };
      const life = mortal(ports, by.killAt ?? 0);
      const options: PassOptions = {
        holder: by.holder ?? `controller-${++passes}`,
        leaseSeconds: LEASE_SECONDS,
        previousRevision: settled,
        isSuspended: by.isSuspended ?? (() => false),
        ...(by.suspendedWhy === undefined ? {} : { suspendedWhy: by.suspendedWhy }),
        cache,
        ...(by.refuse === undefined ? {} : { refuse: by.refuse }),
        plan: by.plan ?? null,
        signal: by.signal ?? new AbortController().signal,
        onProgress: (event) => {
          loop.progress.push(event);
          by.onProgress?.(event);
        },
      };
      const facts = await Promise.race([runPass({ ...ports, ...life.ports }, options), life.death]).finally(() => {
        loop.boundaries = life.boundaries;
      });
      if (facts.hold === null) settled = facts.revision;
      return facts;
    },
    survive: async (by) => {
      try {
        return await loop.pass(by);
      } catch (error) {
        if (!(error instanceof Killed) && !(error instanceof SimulatedCrash)) throw error;
        await clock.sleep((LEASE_SECONDS + 1) * 1000);
        return null;
      }
    },
    hostOf: (name) =>
      loop.simulator.cluster
        .look()
        .machines.filter((machine) => machine.name === name && machine.state !== 'stopped')
        .map((machine) => machine.host)
        .join('+'),
    atRest: async (machines, written) => {
      await clock.sleep(60_000);
      return [
        ...loop.broken,
        ...brokenAtRest(loop.simulator.cluster.look(), await loop.ledger.read(), machines, written),
      ];
    },
  };
  return loop;
}
