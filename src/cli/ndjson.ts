import type { Outcome } from '../model/index.js';
import type { ProgressEvent } from '../reconcile/progress.js';

/** One line of machine-readable progress; the `type` says what it is about. */
export interface ProgressRecord {
  readonly '@level': 'info' | 'error';
  readonly '@message': string;
  /** RFC 3339. */
  readonly '@timestamp': string;
  readonly type: 'planned_change' | 'apply_start' | 'apply_progress' | 'apply_complete' | 'apply_errored';
  readonly [key: string]: unknown;
}

/** The records that one event of an execution becomes; the end is told by the `change_summary` of the whole run. */
export function progressRecords(event: ProgressEvent): readonly ProgressRecord[] {
  const record = (
    type: ProgressRecord['type'],
    message: string,
    rest: Readonly<Record<string, unknown>>,
  ): ProgressRecord => ({
    '@level': type === 'apply_errored' ? 'error' : 'info',
    '@message': message,
    '@timestamp': new Date(event.at).toISOString(),
    type,
    ...rest,
  });
  switch (event.kind) {
    case 'plan-started':
      return event.plan.moves.map(({ id, machine, from, to, strategy }) =>
        record('planned_change', `${machine}: ${from ?? 'nowhere'} to ${to}`, {
          move: id,
          machine,
          from,
          to,
          strategy,
        }),
      );
    case 'step-started':
      return [record('apply_start', `${event.step.id}: started`, { step: event.step.id, direction: event.direction })];
    case 'step-progress':
      return [record('apply_progress', `${event.step.id}: running`, { step: event.step.id, ...event.progress })];
    case 'step-ended': {
      const { step, direction, outcome } = event;
      const type = outcome.kind === 'done' ? 'apply_complete' : 'apply_errored';
      return [record(type, `${step.id}: ${sentence(outcome)}`, { step: step.id, direction, outcome })];
    }
    case 'move-ended': {
      const type = event.result === 'succeeded' ? 'apply_complete' : 'apply_errored';
      return [record(type, `${event.move}: ${event.result}`, { move: event.move, result: event.result })];
    }
    case 'note':
      return [record('apply_progress', event.message, {})];
    case 'frozen':
      return [record('apply_errored', `frozen: ${event.message}`, { machine: event.machine })];
    case 'plan-ended':
      return [];
  }
}

function sentence(outcome: Outcome): string {
  return outcome.kind === 'done' ? 'done' : `${outcome.kind}, ${outcome.code}: ${outcome.message}`;
}
