import type { Check, Desired, DesiredCluster, Plan, Problem, World } from '../model/index.js';
import type { Solve } from '../planner/index.js';
import type { JournalRecord, Source, SourceTree, Telemetry } from '../ports/index.js';
import type { DocumentCache } from '../documents/index.js';
import type { Acting, Leave } from './acting.js';
import type { Contested } from './adopt.js';
import type { ExecutionResult } from './execute.js';
import type { Freeze } from './history.js';
import type { ProgressEvent } from './progress.js';
import type { Swept } from './sweep.js';

/** Everything that one pass over one cluster touches. */
export interface PassPorts extends Acting {
  readonly source: Source;
  readonly telemetry: Telemetry;
}

export interface PassOptions {
  /** Name of whoever runs the pass, unique to the process. */
  readonly holder: string;
  readonly leaseSeconds: number;
  /** Commit that the last pass settled, null for the first. */
  readonly previousRevision: string | null;
  /** True from `berth suspend` on, also in the middle of a pass: nothing new is begun. */
  readonly isSuspended: () => boolean;
  /** What the person said who suspended it; empty or absent when nothing was said. */
  readonly suspendedWhy?: () => string;
  readonly cache: DocumentCache;
  /** What keeps documents from being followed over the ports that are open; null or absent: nothing does. */
  readonly refuse?: (cluster: DesiredCluster) => Refusal | null;
  /** A plan made earlier, to be applied as it is; null: the pass plans by itself. */
  readonly plan: Plan | null;
  /** The search for plans, when it is not the planner's own: one in several threads, from outside. */
  readonly solve?: Solve;
  readonly signal: AbortSignal;
  readonly onProgress: (event: ProgressEvent) => void;
}

/** Documents that are not followed, and what is wrong with them, if that is it. */
export interface Refusal {
  readonly hold: Hold;
  readonly problems: readonly Problem[];
}

/** Why nothing new is begun in this pass. The first reason stands. */
export interface Hold {
  /** CamelCase word for the conditions. */
  readonly reason: HoldReason;
  readonly message: string;
}

export type HoldReason =
  | 'Locked'
  | 'GitUnreachable'
  | 'SourceRewound'
  | 'InvalidDocument'
  | 'ClusterMissing'
  /** The documents reach the cluster otherwise than it was opened, so what is open may be another one. */
  | 'ConnectionChanged'
  | 'Suspended'
  | 'Frozen'
  | 'LeaseLost'
  | 'StalePlan'
  | 'PlanRejected'
  | 'BlastRadius'
  | 'ApprovalRequired'
  | 'WindowClosed'
  | 'Stopped'
  /** A state file is not what was written to it. */
  | 'StateDamaged'
  /** A driver or something else threw what it should not. */
  | 'Failed';

/** What the steps of a pass found out. Conditions are settled from it, once, when all is over. */
export interface PassFacts {
  readonly cluster: string;
  readonly startedAt: number;
  readonly revision: string | null;
  readonly desired: Desired | null;
  readonly problems: readonly Problem[];
  readonly hold: Hold | null;
  readonly freeze: Freeze | null;
  readonly recovered: readonly ExecutionResult[];
  readonly swept: readonly Swept[];
  readonly contested: readonly Contested[];
  /** The last observation of the pass. */
  readonly world: World | null;
  readonly plan: Plan | null;
  /** What making the plan took; null when none was made. */
  readonly planSeconds: number | null;
  readonly checks: readonly Check[];
  readonly execution: ExecutionResult | null;
}

/** What steps hand to each other beside the facts. */
export interface PassState {
  readonly ports: PassPorts;
  readonly options: PassOptions;
  readonly leave: Leave;
  readonly records: readonly JournalRecord[];
  readonly tree: SourceTree | null;
  readonly facts: PassFacts;
}
