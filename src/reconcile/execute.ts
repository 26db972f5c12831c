import type { Plan, StepKind } from '../model/index.js';
import { type ExecutionContext, LeaveLost, record, type Run } from './acting.js';
import { dispatch } from './dispatch.js';
import { beginMove, type MoveRun } from './move-run.js';
import type { MoveResult } from './progress.js';

/** What became of a plan. `stopped`: nothing failed, but moves were called off before their guests noticed. `fenced`: the lease went to somebody else, who now acts and settles what is open. */
export interface ExecutionResult {
  readonly result: 'succeeded' | 'stopped' | 'failed' | 'frozen' | 'fenced';
  readonly message: string;
  readonly moves: readonly MoveEnd[];
}

export interface MoveEnd {
  readonly move: string;
  readonly machine: string;
  readonly from: string | null;
  readonly to: string;
  /** `open`: the run was fenced before the move ended. */
  readonly result: MoveResult | 'open';
  readonly message: string;
  /** Kinds of which every step is done. */
  readonly done: readonly StepKind[];
}

/**
 * Carries out a plan: each move a saga of its own, side by side under the plan's limits. A move that fails before its machine runs on
 * the target is undone; afterwards it only goes forward. A failed move takes down those that depend on it and no others.
 */
export async function execute(plan: Plan, context: ExecutionContext): Promise<ExecutionResult> {
  const run: Run = { ...context, plan };
  const moves = plan.moves.map((move) => beginMove(plan, move));
  return guarded(run, moves, async () => {
    await record(run, { kind: 'plan-started', plan });
    run.onProgress({ kind: 'plan-started', at: run.ports.clock.now(), plan });
  });
}

/** Runs moves to their ends after `first`, closes the plan in the journal, and turns a lost lease into a result. */
export async function guarded(
  run: Run,
  moves: readonly MoveRun[],
  first: () => Promise<void>,
): Promise<ExecutionResult> {
  try {
    await first();
    const { frozen } = await dispatch(run, moves);
    const { result, message } = frozen === null ? summaryOf(moves) : { result: 'frozen' as const, message: frozen };
    await record(run, { kind: 'plan-ended', planHash: run.plan.planHash, result });
    run.onProgress({ kind: 'plan-ended', at: run.ports.clock.now(), planHash: run.plan.planHash, result });
    return { result, message, moves: moves.map(moveEnd) };
  } catch (error) {
    if (!(error instanceof LeaveLost)) throw error;
    return { result: 'fenced', message: error.message, moves: moves.map(moveEnd) };
  }
}

function summaryOf(moves: readonly MoveRun[]): {
  readonly result: 'succeeded' | 'stopped' | 'failed';
  readonly message: string;
} {
  const calledOff = moves.filter(isCalledOff);
  const failed = moves.filter((of) => of.ended?.result !== 'succeeded' && !isCalledOff(of));
  if (failed.length > 0) {
    const message = failed.map(
      ({ move, ended }) => `${move.machine}: ${ended?.result ?? 'open'}: ${ended?.message ?? ''}`,
    );
    return { result: 'failed', message: message.join('; ') };
  }
  const [first] = calledOff;
  if (first === undefined) return { result: 'succeeded', message: '' };
  const message = `${first.ended?.message ?? ''}: ${calledOff.length} of ${moves.length} moves were called off`;
  return { result: 'stopped', message };
}

function isCalledOff({ failure, ended }: MoveRun): boolean {
  return failure?.code === 'Stopped' && (ended?.result === 'undone' || ended?.result === 'skipped');
}

function moveEnd(of: MoveRun): MoveEnd {
  const { id, machine, from, to } = of.move;
  return {
    move: id,
    machine,
    from,
    to,
    result: of.ended?.result ?? 'open',
    message: of.ended?.message ?? '',
    done: kindsDone(of),
  };
}

function kindsDone(of: MoveRun): readonly StepKind[] {
  const open = new Set(of.steps.filter((step) => !of.done.has(step.id)).map((step) => step.kind));
  return [...new Set(of.steps.map((step) => step.kind))].filter((kind) => !open.has(kind));
}
