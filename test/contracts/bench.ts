import type {
  Assignment,
  Bdf,
  HypervisorAction,
  Mac,
  MachineDefinition,
  Outcome,
  Strategy,
} from '../../src/model/index.js';
import type { ActionContext, Clock, Fabric, Hypervisor } from '../../src/ports/index.js';

/**
 * What a driver brings to its contract: two hosts of one cluster, `source` and `target`, both up, each with room for the
 * machine; `machine` runs on the source and owns one device for one claim; the target has free devices of the same kind.
 */
export interface Bench {
  readonly hypervisor: Hypervisor;
  readonly fabric: Fabric;
  readonly clock: Clock;
  readonly source: string;
  readonly target: string;
  readonly machine: MachineDefinition;
  /** The machine's only claim, as it is on the source. */
  readonly held: Assignment & { readonly mac: Mac };
  /** Free devices on the target. */
  readonly free: readonly [Bdf, Bdf];
  /** The host does not answer any more; what runs there lives on. */
  cut(host: string): Promise<void>;
  close(): Promise<void>;
}

export const TEMPORARY_MAC = '02:be:47:00:00:01';
export const DUMMY = 'berth-dummy-contract';

/** An action of one kind on the hypervisor. */
export type Order<K extends HypervisorAction['kind']> = Extract<HypervisorAction, { readonly kind: K }>;

/** A dummy on the target that holds its first free device. */
export function commission(bench: Bench, parts: Partial<Order<'commission'>> = {}): Order<'commission'> {
  const [device] = bench.free;
  return {
    port: 'hypervisor',
    kind: 'commission',
    host: bench.target,
    dummy: DUMMY,
    devices: [device],
    mac: TEMPORARY_MAC,
    reservation: `${bench.target}/${device}`,
    machine: bench.machine.name,
    ttlSeconds: 600,
    ...parts,
  };
}

export function decommission(bench: Bench, dummy: string = DUMMY): Order<'decommission'> {
  return { port: 'hypervisor', kind: 'decommission', host: bench.target, dummy };
}

/** The bench's move by a strategy, to the target's first free device. */
export function migrate(
  bench: Bench,
  strategy: Exclude<Strategy, 'cold'>,
  parts: Partial<Order<'migrate'>> = {},
): Order<'migrate'> {
  return {
    port: 'hypervisor',
    kind: 'migrate',
    machine: bench.machine.name,
    from: bench.source,
    to: bench.target,
    strategy,
    devices: strategy === 'hotplug' ? [] : [{ ...bench.held, device: bench.free[0], vlan: null }],
    numaNode: null,
    bandwidthMibps: 0,
    maxDowntimeMs: 500,
    autoConverge: false,
    connections: 1,
    ...parts,
  };
}

/** Attaching or detaching the bench's claim. */
export function plug<K extends 'attach' | 'detach'>(bench: Bench, kind: K, host: string, device: Bdf) {
  return { port: 'hypervisor', kind, machine: bench.machine.name, host, ...bench.held, device, vlan: null } as const;
}

/** An action that names only a machine and a host. */
export function simple<K extends 'stop' | 'undefine' | 'abort'>(bench: Bench, kind: K, host: string) {
  return { port: 'hypervisor', kind, machine: bench.machine.name, host } as const;
}

/** Starts the bench's machine on a host with one device. */
export function start(bench: Bench, host: string, device: Bdf, parts: Partial<MachineDefinition> = {}): Order<'start'> {
  const definition = { ...bench.machine, devices: [{ ...bench.held, device, vlan: null }], ...parts };
  return { port: 'hypervisor', kind: 'start', host, machine: definition.name, definition };
}

/** What goes along with an action, when nothing special does. */
export function plain(parts: Partial<ActionContext> = {}): ActionContext {
  return {
    idempotencyKey: 'contract',
    signal: new AbortController().signal,
    epoch: null,
    onProgress: () => undefined,
    ...parts,
  };
}

/** `done`, or the kind and the code. */
export function told(outcome: Outcome): string {
  return outcome.kind === 'done' ? 'done' : `${outcome.kind} ${outcome.code}`;
}

/** Where the machine's copies are, and in which state. */
export async function copies(bench: Bench): Promise<readonly string[]> {
  const { machines } = await bench.hypervisor.observe();
  const own = machines.filter((machine) => machine.name === bench.machine.name);
  return own.map((machine) => `${machine.host} ${machine.state}`).sort();
}
