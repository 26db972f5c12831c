import type { Move, Plan, Step } from '../model/index.js';
import type { ProgressEvent } from '../reconcile/progress.js';
import { bytesPartText } from '../report/index.js';
import type { Bar, Progress } from './progress.js';

/** Turns what happens while a plan is carried out into one bar a move. */
export function moveBars(progress: Progress): (event: ProgressEvent) => void {
  const moves = new Map<string, MoveState>();
  const show = (id: string, change: Partial<MoveState>): void => {
    const before = moves.get(id);
    if (before === undefined) return;
    const after = { ...before, detail: '', ...change };
    moves.set(id, after);
    progress.show(barOf(after));
  };
  return (event) => {
    switch (event.kind) {
      case 'plan-started':
        for (const move of event.plan.moves) moves.set(move.id, startingState(event.plan, move));
        for (const state of moves.values()) progress.show(barOf(state));
        return;
      case 'step-started':
        show(event.step.move, {
          state: 'running',
          note: event.direction === 'undo' ? `undo ${event.step.kind}` : wording(event.step),
        });
        return;
      case 'step-progress': {
        const { doneBytes } = event.progress;
        // Pages that changed are sent again, so that more may be copied than there is.
        const totalBytes = Math.max(event.progress.totalBytes, doneBytes);
        const part = totalBytes === 0 ? 0 : doneBytes / totalBytes;
        show(event.step.move, {
          current: part * weight(event.step),
          note: wording(event.step),
          detail: bytesPartText(doneBytes, totalBytes),
        });
        return;
      }
      case 'step-ended':
        if (event.direction === 'do' && event.outcome.kind === 'done') {
          const ended = (moves.get(event.step.move)?.ended ?? 0) + weight(event.step);
          show(event.step.move, { ended, current: 0 });
        } else if (event.outcome.kind !== 'done') {
          show(event.step.move, { note: `${event.step.kind}: ${event.outcome.code}` });
        }
        return;
      case 'move-ended':
        show(
          event.move,
          event.result === 'succeeded'
            ? { state: 'done', note: 'arrived', ended: moves.get(event.move)?.total ?? 0, current: 0 }
            : { state: 'failed', note: `${event.result}: ${event.message}` },
        );
        return;
      case 'note':
        progress.say(event.message);
        return;
      case 'frozen':
      case 'plan-ended':
        progress.end();
    }
  };
}

interface MoveState {
  readonly id: string;
  readonly label: string;
  readonly state: Bar['state'];
  readonly note: string;
  readonly detail: string;
  /** Estimated seconds of all steps, of those that ended, and of the part of the current one that is behind it. */
  readonly total: number;
  readonly ended: number;
  readonly current: number;
}

function startingState(plan: Plan, move: Move): MoveState {
  const total = plan.steps.filter((step) => step.move === move.id).reduce((sum, step) => sum + weight(step), 0);
  const label = `${move.machine}  ${move.from === null ? 'start on' : `${move.from} →`} ${move.to}`;
  return { id: move.id, label, state: 'waiting', note: 'waiting', detail: '', total, ended: 0, current: 0 };
}

function barOf({ id, label, state, note, detail, total, ended, current }: MoveState): Bar {
  return { id, label, state, note, detail, ratio: total === 0 ? 1 : Math.min(1, (ended + current) / total) };
}

/** Steps count by their estimated time, and none counts nothing. */
function weight(step: Step): number {
  return Math.max(0.2, step.estimate.seconds);
}

function wording(step: Step): string {
  switch (step.kind) {
    case 'reserve':
      return 'reserving the device';
    case 'commission':
      return 'dummy holds the device';
    case 'port-profile':
      return 'preparing the switch port';
    case 'reconfigure':
      return 'reconfiguring the machine';
    case 'hand-over':
    case 'decommission':
      return 'dummy hands over';
    case 'migrate':
      return 'migrating';
    case 'announce':
      return 'announcing the new place';
    case 'forward':
      return 'forwarding from the old place';
    case 'unforward':
      return 'ending the forwarding';
    case 'remove-port-profile':
      return 'clearing the old switch port';
    case 'release':
      return 'releasing the old device';
    case 'detach':
      return 'detaching the device';
    case 'attach':
      return 'attaching the device';
    case 'stop':
      return 'stopping the machine';
    case 'start':
      return 'starting the machine';
    case 'undefine':
      return 'forgetting the old copy';
  }
}
