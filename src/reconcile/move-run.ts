import type { Action, FailureCode, Move, Plan, Step } from '../model/index.js';
import type { MoveResult } from './progress.js';
import type { Danger } from './whereabouts.js';

/** Why a move cannot go on. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

/** Where one move stands while its plan is carried out. */
export interface MoveRun {
  readonly move: Move;
  readonly steps: readonly Step[];
  /** Steps with an intent in the journal, in the order in which they began. */
  readonly begun: Step[];
  readonly done: Set<string>;
  readonly undone: Set<string>;
  /** Steps behind the switch-over that stay undone, with the reason. */
  readonly givenUp: Map<string, string>;
  /** Steps left open by an earlier run: what of them is there is found by observation before anything is done. */
  readonly reopened: Set<string>;
  /** The machine runs on the target: from here on only forward. */
  switched: boolean;
  /** The machine runs nowhere any more, and a person has looked: nothing is done to it, what was taken for it is given back. */
  gone: boolean;
  /** Set: the move is to be undone. */
  failure: Failure | null;
  ended: Ended | null;
}

export type Ended =
  | { readonly result: Exclude<MoveResult, 'frozen'>; readonly message: string }
  | ({ readonly result: 'frozen' } & Danger);

export function beginMove(plan: Plan, move: Move): MoveRun {
  return {
    move,
    steps: plan.steps.filter((step) => step.move === move.id),
    begun: [],
    done: new Set(),
    undone: new Set(),
    givenUp: new Map(),
    reopened: new Set(),
    switched: false,
    gone: false,
    failure: null,
    ended: null,
  };
}

/** The action after which the machine runs on the target. */
export function isSwitchOver(action: Action, move: Move): boolean {
  if (action.port !== 'hypervisor') return false;
  if (action.kind === 'migrate') return action.to === move.to;
  return action.kind === 'start' && action.host === move.to;
}

/** Steps that decide where the machine runs: while one of them is unclear, nobody may act on the machine. */
export function decidesCopies(step: Step): boolean {
  return [...step.actions, ...step.undo].some(
    (action) =>
      action.port === 'hypervisor' && (action.kind === 'migrate' || action.kind === 'start' || action.kind === 'stop'),
  );
}

/** Steps that a guest notices. Before the first of them a move can be called off without anybody knowing. */
export function isNoticed(step: Step): boolean {
  return decidesCopies(step) || step.kind === 'detach';
}
