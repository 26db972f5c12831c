import type { Outcome, Plan, Step } from '../model/index.js';
import type { JournalEntry, Progress } from '../ports/index.js';

/** How a move ended. */
export type MoveResult = (JournalEntry & { kind: 'move-ended' })['result'];

/** What happens while a plan is carried out, for progress bars and logs. */
export type ProgressEvent =
  | { readonly kind: 'plan-started'; readonly at: number; readonly plan: Plan }
  | { readonly kind: 'step-started'; readonly at: number; readonly step: Step; readonly direction: 'do' | 'undo' }
  | { readonly kind: 'step-progress'; readonly at: number; readonly step: Step; readonly progress: Progress }
  | {
      readonly kind: 'step-ended';
      readonly at: number;
      readonly step: Step;
      readonly direction: 'do' | 'undo';
      readonly outcome: Outcome;
    }
  | {
      readonly kind: 'move-ended';
      readonly at: number;
      readonly move: string;
      readonly result: MoveResult;
      readonly message: string;
    }
  /** Something is waited for, or was found out. */
  | { readonly kind: 'note'; readonly at: number; readonly message: string }
  | { readonly kind: 'frozen'; readonly at: number; readonly machine: string | null; readonly message: string }
  | { readonly kind: 'plan-ended'; readonly at: number; readonly planHash: string; readonly result: string };
