import type { Action } from './action.js';
import type { Bdf, Mac } from './device.js';
import type { Strategy } from './machine.js';
import type { Metric } from './load.js';
import type { Objective } from './objective.js';
import type { Problem } from './problem.js';

/** What to do, in which order, and why: data only, so that it can be stored, diffed, approved and applied later. */
export interface Plan {
  readonly formatVersion: '1.0';
  readonly cluster: string;
  readonly baseRevision: string;
  readonly observedFingerprint: string;
  /** SHA-256 over all that the plan does; see `hashPlan`. */
  readonly planHash: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly causes: readonly Cause[];
  readonly moves: readonly Move[];
  readonly steps: readonly Step[];
  /** Step ids by earliest start; only a way to show the graph, execution follows `dependsOn`. */
  readonly waves: readonly (readonly string[])[];
  readonly limits: Limits;
  readonly refusals: readonly Refusal[];
  readonly drift: readonly Drift[];
  /** Verdicts of policy gates on the whole plan: blast radius, approval, window. */
  readonly checks: readonly Check[];
  readonly projections: { readonly before: readonly HostProjection[]; readonly after: readonly HostProjection[] };
  readonly summary: PlanSummary;
}

/** Why the planner wanted to change something. */
export type Cause =
  | {
      readonly kind: 'load';
      readonly host: string;
      readonly metric: Metric;
      readonly value: number;
      readonly threshold: number;
      readonly policy: string;
    }
  /** The standard deviation of the load over the hosts of the policy. */
  | {
      readonly kind: 'balance';
      readonly metric: Metric;
      readonly deviation: number;
      readonly tolerance: number;
      readonly policy: string;
    }
  | { readonly kind: 'consolidate'; readonly host: string; readonly policy: string }
  /** Room for a pending machine; for a slot of the policy when the name is empty. */
  | { readonly kind: 'defragment'; readonly machine: string; readonly policy: string }
  | { readonly kind: 'drain'; readonly host: string }
  | { readonly kind: 'deploy'; readonly machine: string }
  | { readonly kind: 'placement'; readonly machine: string; readonly constraint: string; readonly message: string }
  | { readonly kind: 'requested'; readonly machine: string; readonly message: string };

/** One machine going from one host to another, or (from null) starting for the first time. */
export interface Move {
  /** `machine.n`, n counting from 1: a machine moves twice when a swap needs a bypass host. */
  readonly id: string;
  readonly machine: string;
  readonly from: string | null;
  readonly to: string;
  readonly strategy: Strategy;
  /** One sentence: why this strategy and no better one. */
  readonly strategyReason: string;
  /** Index into `causes`. */
  readonly cause: number;
  readonly assignments: readonly PlannedAssignment[];
  readonly numaNode: number | null;
  /** Advice on what stood in the way of the plain move and was chosen instead. */
  readonly advice: 'Proceed' | 'Reconfigure' | 'OtherHost' | 'AskOperator';
  readonly gain: number;
  readonly bypass: boolean;
  readonly estimate: Estimate;
  /** Absent in plans of before there was one. */
  readonly reasoning?: Reasoning;
}

/** Why a move is in the plan: from the evaluation that chose it. */
export interface Reasoning {
  /** What the move changes, by objective in its unit (see the weights of LoadPolicy): above 0 gained, below 0 paid. */
  readonly gains: readonly { readonly objective: Objective; readonly gain: number }[];
  readonly runnerUp: RunnerUp | null;
  /** Why there is no runner-up, where that is known. */
  readonly alone?: string;
  /** One sentence: what there would be without the move, all others being made. */
  readonly without: string;
}

/** The host that the machine would go to if it could not go where it goes. */
export interface RunnerUp {
  readonly host: string;
  /** How much worse the host is, by the weighted sum of all objectives. */
  readonly difference: number;
  /** The objective that speaks most against it. */
  readonly objective: Objective;
}

/** Which device replaces which. */
export interface PlannedAssignment {
  readonly claim: string;
  /** Null for a machine that is not running yet. */
  readonly from: Bdf | null;
  readonly to: Bdf;
  readonly mac: Mac | null;
  readonly guestAddress: string;
  /** Every function that the reservation covers: `to` and the rest of its IOMMU group. */
  readonly group: readonly Bdf[];
}

export interface Estimate {
  readonly seconds: number;
  readonly bytes: number;
  /** Pause of the machine; where nobody has measured how fast it dirties memory, the longest that it is allowed. */
  readonly downtimeMs: number;
}

export type StepKind =
  | 'reserve'
  | 'commission'
  | 'port-profile'
  | 'reconfigure'
  | 'detach'
  | 'stop'
  | 'hand-over'
  | 'decommission'
  | 'migrate'
  | 'start'
  | 'attach'
  | 'announce'
  | 'forward'
  | 'unforward'
  | 'remove-port-profile'
  | 'undefine'
  | 'release';

/**
 * Where a step stands in its move. A move that fails in `prepare` or `switch` (the machine still on the source) is undone in
 * reverse; once the machine runs on the target only `complete` steps remain, and they only go forward.
 */
export type StepPhase = 'prepare' | 'switch' | 'complete';

export interface Step {
  /** `move/kind` or `move/kind/claim`, such as `du-1.1/reserve/fronthaul`. */
  readonly id: string;
  readonly move: string;
  readonly kind: StepKind;
  readonly phase: StepPhase;
  /** `VirtualMachine/du-1`. */
  readonly subject: string;
  readonly dependsOn: readonly string[];
  /** Waits this long after what it depends on is done (forwarding stays up for a time). */
  readonly delaySeconds: number;
  readonly preconditions: readonly Precondition[];
  /** Performed in this order. */
  readonly actions: readonly Action[];
  /** Performed in this order when the move is undone. */
  readonly undo: readonly Action[];
  readonly estimate: Estimate;
  readonly deadlineSeconds: number;
}

/** A fact that must hold right before a step acts; checked against a fresh observation. */
export type Precondition =
  /** Exactly one copy is active, and it is on `host`. */
  | { readonly kind: 'machine-on'; readonly machine: string; readonly host: string }
  /** No copy is active anywhere. */
  | { readonly kind: 'machine-inactive'; readonly machine: string }
  | { readonly kind: 'host-up'; readonly host: string }
  /** Nothing holds the device and no other owner has it in the ledger. */
  | {
      readonly kind: 'device-free';
      readonly host: string;
      readonly device: Bdf;
      readonly machine: string;
      readonly claim: string;
    }
  /** The ledger has it for this machine's claim. */
  | {
      readonly kind: 'reserved';
      readonly host: string;
      readonly device: Bdf;
      readonly machine: string;
      readonly claim: string;
    }
  /** The machine uses the device. */
  | { readonly kind: 'device-attached'; readonly host: string; readonly device: Bdf; readonly machine: string }
  /** The machine has let go of the device. */
  | { readonly kind: 'device-detached'; readonly host: string; readonly device: Bdf; readonly machine: string }
  /** No other VF or machine carries the address. */
  | { readonly kind: 'mac-unique'; readonly mac: Mac; readonly machine: string };

/** Migrations that may run at once. */
export interface Limits {
  readonly perHost: number;
  readonly perGroup: number;
  readonly perCluster: number;
}

/** A change that is wanted and is not in the plan, with the binding reason. */
export interface Refusal {
  readonly machine: string;
  /** CamelCase word. */
  readonly reason: RefusalReason;
  readonly message: string;
  readonly advice: 'Reconfigure' | 'OtherHost' | 'AskOperator' | 'Wait';
  /** For each host that was considered, what stood against it. */
  readonly candidates: readonly { readonly host: string; readonly constraint: string; readonly message: string }[];
}

export type RefusalReason =
  | 'NoFeasibleHost'
  | 'NoStrategy'
  | 'CyclicSwap'
  | 'MachineSuspended'
  | 'HostUnreachable'
  | 'Cooldown'
  | 'GainTooSmall'
  | 'BlastRadius'
  | 'NoBenefit'
  | 'Duplicate'
  | 'MissingSamples'
  | 'MoveInFlight';

/** Observed state that differs from what is written, whether or not the plan answers it. */
export interface Drift {
  readonly subject: string;
  /** CamelCase word, such as `UnmanagedMachine`, `ForeignDummy`, `HostFactMismatch`, `OrphanReservation`. */
  readonly code: string;
  readonly message: string;
}

export interface Check {
  readonly name: 'blast-radius' | 'approval' | 'window' | 'replay';
  readonly result: 'passed' | 'denied' | 'waiting';
  readonly message: string;
}

/** Load of one host by metric, 0 to 1, and what it has left. */
export interface HostProjection {
  readonly host: string;
  readonly load: Readonly<Partial<Record<Metric, number>>>;
  readonly machines: readonly string[];
  readonly freeMemoryMiB: number;
  readonly freeVcpus: number;
  readonly freeVfs: number;
}

export interface PlanSummary {
  readonly moves: number;
  readonly deployments: number;
  readonly refusals: number;
  /** From the first step to the last, forwarding included, when every step takes its estimate. */
  readonly seconds: number;
  readonly bytes: number;
  readonly downtimeMs: number;
}

/** What the independent checker says of a plan. */
export type Verdict =
  { readonly accepted: true } | { readonly accepted: false; readonly violations: readonly Problem[] };
