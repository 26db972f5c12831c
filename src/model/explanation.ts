import type { Cause, Reasoning, Refusal } from './plan.js';
import type { Strategy } from './machine.js';

/** What the plan does with a machine and why, and for each host why it could or could not be there. */
export interface Explanation {
  readonly machine: string;
  /** Where it runs now; null when it runs nowhere. */
  readonly host: string | null;
  readonly decision: Decision;
  /** Every host of the cluster, best first. */
  readonly candidates: readonly Candidate[];
}

/** What a plan made now does with one machine. */
export type Decision =
  | {
      readonly kind: 'goes';
      readonly to: string;
      readonly strategy: Strategy;
      readonly cause: Cause;
      /** Hosts that it is parked on meanwhile, and why; most moves have none. */
      readonly asides?: readonly { readonly host: string; readonly reason: string }[];
      readonly reasoning?: Reasoning;
    }
  | ({ readonly kind: 'refused' } & Pick<Refusal, 'reason' | 'message' | 'advice'>)
  | { readonly kind: 'stays'; readonly message: string };

export interface Candidate {
  readonly host: string;
  /** The machine runs there now. */
  readonly here: boolean;
  readonly feasible: boolean;
  /** Name of the first constraint that stands against the host; empty when it is feasible. */
  readonly constraint: string;
  readonly message: string;
  /** How much the host would cost against the others, lower is better; null when it is not feasible. */
  readonly score: number | null;
}
