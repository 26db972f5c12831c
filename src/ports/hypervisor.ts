import type { Dummy, Host, HypervisorAction, Latency, Machine, Outcome, Strategy } from '../model/index.js';

/**
 * The hypervisors of one cluster.
 *
 * Contract, checked by `test/contracts/hypervisor`:
 * - `observe` tells what *is*: a host that does not answer is listed with state `unknown`, and its machines are left out, not
 *   reported as absent. It blocks for one round of queries and changes nothing.
 * - `perform` is idempotent: when the effect is there already it answers `done`. It never throws for what a hypervisor can
 *   say; `failed` means it said no, `unknown` that no answer came before `signal` was aborted or the connection was lost.
 *   A refusal carries a code that says which rule was hit. A `migrate` that failed is `certain` when the guest provably never stopped on
 *   its source, so that no other copy can run, even where the target does not answer.
 * - Aborting `signal` during `migrate` asks the hypervisor to abort; the outcome is what really happened.
 */
export interface Hypervisor {
  readonly capabilities: HypervisorCapabilities;
  observe(): Promise<HypervisorObservation>;
  perform(action: HypervisorAction, context: ActionContext): Promise<Outcome>;
  close(): Promise<void>;
}

/** What a driver can do, as data: plans and tests ask here, never for a driver's name. */
export interface HypervisorCapabilities {
  readonly strategies: readonly Strategy[];
  /** Devices can be passed through at all. */
  readonly deviceAssignment: boolean;
  /** A running machine can be told of its replacement before the move. */
  readonly reconfigure: boolean;
}

export interface HypervisorObservation {
  readonly hosts: readonly Host[];
  readonly machines: readonly Machine[];
  readonly dummies: readonly Dummy[];
  readonly latencies: readonly Latency[];
}

/** What goes along with an action. */
export interface ActionContext {
  /** The same for every attempt at the same action of the same plan. */
  readonly idempotencyKey: string;
  /** Aborted at the step's deadline or when the operator stops the run. */
  readonly signal: AbortSignal;
  /** Epoch of the device's reservation, for actions on a device: one that is older than the last seen is refused (`StaleEpoch`). */
  readonly epoch: number | null;
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly downtimeMs: number | null;
}
