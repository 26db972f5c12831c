import type { Desired, Event, Plan, Problem, StepKind, World } from '../model/index.js';

/** What one pass over one cluster found and did: all that status is settled from. */
export interface StatusFacts {
  readonly cluster: string;
  /** Commit that the pass looked at. */
  readonly revision: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Null while documents are invalid or the source cannot be trusted. */
  readonly desired: Desired | null;
  /** Null when the cluster could not be observed. */
  readonly world: World | null;
  /** Why nobody can tell whether a machine runs, by machine; those of which it is known are not among them. */
  readonly silences: ReadonlyMap<string, string>;
  readonly plan: Plan | null;
  /** The plan as `plan.json` and `plan.md`, by the report floor. */
  readonly planTexts: { readonly json: string; readonly markdown: string } | null;
  readonly moves: readonly MoveResult[];
  readonly problems: readonly Problem[];
  /** Why nothing may be done until a person says so; null when the cluster is not frozen. */
  readonly frozen: { readonly reason: string; readonly message: string; readonly machine: string | null } | null;
  /** Why nothing new is begun, such as `Suspended`, `ApprovalRequired`, `WindowClosed`, `SourceRewound`; null when nothing stands in the way. */
  readonly hold: { readonly reason: string; readonly message: string } | null;
  /** The value of `berth/requested-at` that this pass has handled; empty when there is none. */
  readonly lastHandledRequestedAt: string;
  /** What happened since the last status, oldest first. */
  readonly events: readonly Event[];
  /** What stands on the status branch, path → text. */
  readonly previous: ReadonlyMap<string, string>;
}

/** How far one move of the plan has come. */
export interface MoveResult {
  /** Id of the move. */
  readonly move: string;
  readonly result: 'waiting' | 'running' | 'succeeded' | 'undone' | 'degraded' | 'frozen' | 'skipped';
  readonly message: string;
  /** Kinds of which every step of the move is done. */
  readonly done: readonly StepKind[];
}
