import type { Cause } from './plan.js';

/** Why a machine is where it is, and for each host why it could or could not be there. */
export interface Explanation {
  readonly machine: string;
  /** Where it runs now; null when it runs nowhere. */
  readonly host: string | null;
  /** Why the planner would move it now; empty when it would not. */
  readonly causes: readonly Cause[];
  /** Every host of the cluster, best first. */
  readonly candidates: readonly Candidate[];
}

export interface Candidate {
  readonly host: string;
  readonly feasible: boolean;
  /** Name of the first constraint that stands against the host; empty when it is feasible. */
  readonly constraint: string;
  readonly message: string;
  /** How much the host would cost against the others, lower is better; null when it is not feasible. */
  readonly score: number | null;
}
