import { createDocumentCache, loadDesired } from '../../../src/documents/index.js';
import type { Libvirt } from '../../../src/drivers/libvirt/open.js';
import type { LibvirtSettings } from '../../../src/connection/libvirt-settings.js';
import type { ClusterState } from '../../../src/drivers/simulator/state.js';
import { memoryJournal } from '../../../src/journal/index.js';
import { memoryLease } from '../../../src/lease/index.js';
import { memoryLedger } from '../../../src/ledger/index.js';
import { SystemClock } from '../../../src/clock/system.js';
import type { HypervisorAction, Machine, Outcome, Plan } from '../../../src/model/index.js';
import type { Clock, HypervisorObservation, JournalRecord, Ledger, Source } from '../../../src/ports/index.js';
import { plan as makePlan } from '../../../src/planner/index.js';
import { observe, runPass, type PassFacts, type PassPorts, type ProgressEvent } from '../../../src/reconcile/index.js';
import type { GuestImage } from '../../lab/guest/image.js';
import { busyboxGuest, firmwareGuest, type GuestOptions } from '../../lab/guest/machine.js';
import type { LabHost } from '../../lab/namespaces/host.js';
import { until } from '../../lab/namespaces/process-tree.js';
import { documentsOf, scenarioInputOf, type ClusterOf } from '../../reconcile/documents-of.js';
import { type Boundary, Killed, mortal } from '../../reconcile/mortal.js';
import { brokenAtRest, brokenNow } from '../../reconcile/promises.js';
import { Repository } from '../../reconcile/repository-of.js';
import { cardXml, defineAndStart, openLabDriver, processesOf } from './lab-cluster.js';

const LEASE_SECONDS = 30;
/** No pause between two looks is longer. */
const LONGEST_PATIENCE_MS = 30_000;

/** The whole loop over the hosts of a lab: a repository, real hypervisors, and passes by controllers that can be killed. */
export interface LabLoop {
  readonly repository: Repository;
  readonly records: JournalRecord[];
  readonly ledger: Ledger;
  readonly progress: ProgressEvent[];
  boundaries: readonly Boundary[];
  /** One pass by a controller of its own, with connections of its own. */
  pass(by?: LabPassBy): Promise<PassFacts>;
  /** The same, or null when the controller was killed; the lease of a killed one is over at once. */
  survive(by?: LabPassBy): Promise<PassFacts | null>;
  look(): Promise<HypervisorObservation>;
  /** The plan for the newest commit; nothing is carried out. */
  plan(): Promise<Plan>;
  /** Where a machine runs by the hosts' own word. */
  hostOf(machine: string): Promise<string>;
  /** Promises that are broken now that everything is at rest. */
  atRest(machines: readonly string[], written?: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface LabPassBy {
  readonly killAt?: number;
  /** Kills the controller at the first event that it accepts. */
  readonly killOn?: (event: ProgressEvent) => boolean;
  readonly plan?: Plan;
  readonly source?: Source;
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Stands between the controller and its hypervisors; `next` passes an action on. */
  readonly meddle?: (action: HypervisorAction, next: () => Promise<Outcome>) => Promise<Outcome>;
}

/** Two hosts with four VFs each, and on h1 one machine with one VF. */
export function oneMachine(strategies: string, memoryMiB: number, migration: readonly string[] = []): ClusterOf {
  return {
    hosts: ['h1', 'h2'].map((name) => ({ name, vfs: 4 })),
    machines: [
      {
        ...{ name: 'cu-1', at: 'h1', host: 'h1', vfs: 1, strategies, memoryMiB },
        // To be stopped and started again takes longer than any other move.
        ...(strategies === 'cold' ? { maxDowntimeMs: 60_000 } : {}),
      },
    ],
    migration: ['forwardSeconds: 0', 'blastRadius: { maxSharePercent: 100 }', ...migration],
  };
}

/** What a loop over a lab begins with. */
export interface LabLoopStart {
  readonly hosts: readonly LabHost[];
  readonly of: ClusterOf;
  readonly settings?: Partial<LibvirtSettings>;
  /** Pauses between looks are cut to this: what stays silent anyway needs not be waited for. Deadlines, which are longer, stay. */
  readonly longestPauseMs?: number;
}

export function openLabLoop({ hosts, of, settings = {}, longestPauseMs = Infinity }: LabLoopStart): LabLoop {
  const repository = new Repository();
  repository.commit(documentsOf(of));
  const system = new SystemClock();
  const clock: Clock = {
    now: () => system.now(),
    sleep: (ms, signal) => system.sleep(ms > LONGEST_PATIENCE_MS ? ms : Math.min(ms, longestPauseMs), signal),
  };
  const records: JournalRecord[] = [];
  const cache = createDocumentCache();
  const ledger = memoryLedger();
  let skewMs = 0;
  const lease = memoryLease({ now: () => clock.now() + skewMs, sleep: (ms, signal) => clock.sleep(ms, signal) });
  const watcher = openLabDriver(hosts, settings);
  let settled: string | null = null;
  let passes = 0;
  const loop: LabLoop = {
    repository,
    records,
    ledger,
    progress: [],
    boundaries: [],
    pass: async (by = {}) => {
      const driver: Libvirt = openLabDriver(hosts, settings);
      const { hypervisor, fabric, telemetry } = driver;
      const journal = memoryJournal(clock, records, 0);
      const source = by.source ?? repository;
      const ports: PassPorts = {
        cluster: 'test',
        source,
        telemetry,
        hypervisor,
        fabric,
        ledger,
        journal,
        lease,
        clock,
      };
      const { meddle } = by;
      const met: PassPorts =
        meddle === undefined
          ? ports
          : {
              ...ports,
              hypervisor: {
                capabilities: hypervisor.capabilities,
                observe: () => hypervisor.observe(),
                perform: (action, context) => meddle(action, () => hypervisor.perform(action, context)),
                close: () => hypervisor.close(),
              },
            };
      const life = mortal(met, by.killAt ?? 0);
      const onProgress = (event: ProgressEvent): void => {
        loop.progress.push(event);
        by.onProgress?.(event);
        if (by.killOn?.(event) === true) life.kill();
      };
      const options = {
        holder: `controller-${++passes}`,
        leaseSeconds: LEASE_SECONDS,
        previousRevision: settled,
        isSuspended: () => false,
        cache,
        plan: by.plan ?? null,
        signal: new AbortController().signal,
        onProgress,
      };
      const running = runPass({ ...ports, ...life.ports }, options);
      try {
        const facts = await Promise.race([running, life.death]);
        if (facts.hold === null) settled = facts.revision;
        return facts;
      } finally {
        loop.boundaries = life.boundaries;
        // A dead controller's connections end with it.
        await hypervisor.close();
      }
    },
    survive: async (by) => {
      try {
        return await loop.pass(by);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        skewMs += (LEASE_SECONDS + 1) * 1000;
        return null;
      }
    },
    look: () => watcher.hypervisor.observe(),
    plan: async () => {
      const loaded = await loadDesired(await repository.tree(await repository.fetch()), cache);
      const [desired] = loaded.ok ? loaded.value : [];
      if (desired === undefined) throw new Error(`the documents describe no cluster: ${JSON.stringify(loaded)}`);
      const { hypervisor, fabric } = watcher;
      return makePlan(desired, await observe({ cluster: 'test', hypervisor, fabric, ledger, clock }));
    },
    hostOf: async (name) => {
      const { machines } = await loop.look();
      return machines
        .filter((machine) => machine.name === name && machine.state !== 'stopped')
        .map((machine) => machine.host)
        .join('+');
    },
    atRest: async (machines, written) => {
      const seen = stateOf(await loop.look(), clock.now());
      const processes = await Promise.all(
        machines.map(async (name) => ({
          name,
          counts: await Promise.all(hosts.map((host) => processesOf(host, name))),
        })),
      );
      return [
        ...brokenNow(seen),
        ...brokenAtRest(seen, await ledger.read(), machines, written),
        ...processes
          .filter(({ counts }) => counts.reduce((sum, count) => sum + count, 0) !== 1)
          .map(({ name, counts }) => `${name} has ${counts.join('+')} processes`),
      ];
    },
    close: () => watcher.hypervisor.close(),
  };
  return loop;
}

/** What is seen of the hosts, as the promises ask for it. Addresses count as being on the VFs of whoever has them. */
function stateOf({ hosts, machines, dummies }: HypervisorObservation, at: number): ClusterState {
  return {
    at,
    hosts: hosts.map((host) => ({
      ...host,
      devices: host.devices.map((device) => {
        if (device.function.kind !== 'vf') return device;
        const mac = addressOn(host.name, device.bdf, machines) ?? device.function.attributes.adminMac;
        const attributes = { ...device.function.attributes, adminMac: mac };
        return { ...device, function: { ...device.function, attributes } };
      }),
    })),
    machines: machines.map((machine) => ({ ...machine, isolatedCpus: false, answersUnplug: true })),
    dummies,
    migrations: [],
    ports: [],
    forwards: [],
    epochs: {},
    preparedFor: {},
    presence: [],
    loadChanges: [],
    announcementsToLose: 0,
    migrationsBegun: 0,
  };
}

function addressOn(host: string, device: string, machines: readonly Machine[]): string | null {
  const held = machines
    .filter((machine) => machine.host === host)
    .flatMap((machine) => machine.assignments)
    .find((one) => one.device === device);
  return held?.mac ?? null;
}

/**
 * Starts the machines of a cluster where it says that they are at the start. With an image they have an operating system that can let go of
 * devices; without one they are firmware only.
 */
export async function startGuests(
  hosts: readonly LabHost[],
  of: ClusterOf,
  image?: GuestImage,
  more: Partial<GuestOptions> = {},
): Promise<void> {
  for (const [index, machine] of scenarioInputOf(of).machines.entries()) {
    const host = hosts.find(({ name }) => name === machine.host);
    if (host === undefined) throw new Error(`there is no host ${machine.host}`);
    const cards = Object.entries(machine.devices).map(([claim, { bdf, mac, guestAddress }]) =>
      cardXml({ claim, device: bdf, mac, guestAddress }),
    );
    const { name, memoryMiB, vcpus } = machine;
    const options = { name, number: 20 + index, memoryMiB, vcpus, sparePorts: 8, devices: cards.join(''), ...more };
    await defineAndStart(host, image === undefined ? firmwareGuest(options) : busyboxGuest(image, options));
    if (image !== undefined)
      await until(`${name} is not ready`, 90_000, async () => (await host.console(name)).includes('driver=igb'));
  }
}
