import { done, failed, type Outcome, type Step, unknown } from '../model/index.js';
import { reasonOf, type Run } from './acting.js';
import { closeMove } from './close-move.js';
import { type Ended, isNoticed, type MoveRun } from './move-run.js';
import { limitedSlots, type Slots } from './limits.js';
import { runStep, type StepResult } from './step.js';
import { undoMove } from './undo.js';

/** Everything that is going on in one run of {@link dispatch}. */
interface Board {
  readonly run: Run;
  readonly moves: readonly MoveRun[];
  readonly owner: ReadonlyMap<string, MoveRun>;
  readonly slots: Slots;
  /** By step id, or move id while a move is being ended. */
  readonly running: Map<string, Promise<void>>;
  readonly active: Map<MoveRun, number>;
  frozen: string | null;
  /** Why moves that have not begun are not to begin. */
  calledOff: string | null;
}

/**
 * Runs the steps of moves as soon as what they depend on is done, under the plan's limits, and ends every move. Answers when nothing
 * is left to do; `frozen` tells why a person has to look first.
 */
export async function dispatch(run: Run, moves: readonly MoveRun[]): Promise<{ readonly frozen: string | null }> {
  const owner = new Map(moves.flatMap((of) => of.steps.map((step) => [step.id, of] as const)));
  const slots = limitedSlots(run.plan, run);
  const board: Board = {
    run,
    moves,
    owner,
    slots,
    running: new Map(),
    active: new Map(),
    // Recovery may have found a machine of which nobody can tell where it runs.
    frozen: moves.find(({ ended }) => ended?.result === 'frozen')?.ended?.message ?? null,
    calledOff: null,
  };
  for (;;) {
    startWhatCan(board);
    if (board.running.size === 0) return { frozen: board.frozen };
    try {
      await Promise.race(board.running.values());
    } catch (error) {
      run.leave.over.is = true;
      await Promise.allSettled(board.running.values());
      throw error;
    }
  }
}

function startWhatCan(board: Board): void {
  board.calledOff ??= reasonToCallOff(board);
  for (let changed = true; changed;) {
    changed = false;
    for (const of of board.moves) changed = advance(board, of) || changed;
  }
}

/** Starts what can start in one move; true when that may let other moves go on. */
function advance(board: Board, of: MoveRun): boolean {
  if (of.ended !== null || board.running.has(of.move.id)) return false;
  stopIfAsked(board, of);
  const ready = of.failure === null ? markNever(board, of) : [];
  for (const step of ready) if (!isSwitch(step) || mayLetGo(board, of)) start(board, of, step);
  if (of.failure === null ? isOpen(of) : (board.active.get(of) ?? 0) > 0) return false;
  track(board, of.move.id, end(board, of));
  return of.failure !== null;
}

/**
 * True once the move has a slot, which it takes only when its whole switch waits for nobody else: so no guest is without its device or stopped
 * while its move queues, and no move keeps a slot from the one that it waits for.
 */
function mayLetGo(board: Board, of: MoveRun): boolean {
  const open = of.steps.filter((step) => isSwitch(step) && !of.done.has(step.id) && !of.givenUp.has(step.id));
  const own = new Set(open.map((step) => step.id));
  const awaited = open.flatMap((step) => step.dependsOn.filter((id) => !own.has(id)));
  return awaited.every((id) => isDone(board, id)) && board.slots.take(of.move);
}

function isSwitch(step: Step): boolean {
  return step.phase === 'switch';
}

function reasonToCallOff({ run, frozen }: Board): string | null {
  if (frozen !== null) return 'the cluster is frozen';
  if (run.signal.aborted) return reasonOf(run.signal);
  return run.isSuspended() ? 'the cluster is suspended' : null;
}

/** A stop, a suspension or a freeze: moves of which no guest has noticed anything are taken back, the others go to their end. */
function stopIfAsked(board: Board, of: MoveRun): void {
  if (board.calledOff === null || of.switched || of.failure !== null || of.begun.some(isNoticed)) return;
  of.failure = { code: 'Stopped', message: board.calledOff };
}

/** Steps that can start now. What waits for something that will never be done is given up, or fails the move. */
function markNever(board: Board, of: MoveRun): readonly Step[] {
  const ready: Step[] = [];
  for (const step of of.steps) {
    if (of.done.has(step.id) || of.givenUp.has(step.id) || board.running.has(step.id)) continue;
    const never = step.dependsOn.find((id) => willNeverBeDone(board, id));
    if (never === undefined) {
      if (step.dependsOn.every((id) => isDone(board, id))) ready.push(step);
    } else if (of.switched) {
      of.givenUp.set(step.id, `${never} is not done`);
    } else {
      of.failure = { code: 'DependencyFailed', message: `${never} failed, and ${step.id} waits for it` };
      return [];
    }
  }
  return ready;
}

/** A step of a move that this run does not carry out was settled before it. */
function isDone(board: Board, id: string): boolean {
  return board.owner.get(id)?.done.has(id) ?? true;
}

function willNeverBeDone(board: Board, id: string): boolean {
  const of = board.owner.get(id);
  if (of === undefined || of.done.has(id)) return false;
  return of.failure !== null || of.ended !== null || of.givenUp.has(id);
}

function isOpen(of: MoveRun): boolean {
  return of.steps.some((step) => !of.done.has(step.id) && !of.givenUp.has(step.id));
}

function start(board: Board, of: MoveRun, step: Step): void {
  board.active.set(of, (board.active.get(of) ?? 0) + 1);
  const work = async (): Promise<void> => {
    const result = await runStep(board.run, of, step);
    await note(board, of, step, result);
    if (of.steps.every((own) => !isSwitch(own) || of.done.has(own.id))) board.slots.give(of.move);
    board.active.set(of, (board.active.get(of) ?? 1) - 1);
  };
  track(board, step.id, work());
}

function track(board: Board, key: string, work: Promise<void>): void {
  board.running.set(
    key,
    work.then(() => void board.running.delete(key)),
  );
}

async function note(board: Board, of: MoveRun, step: Step, result: StepResult): Promise<void> {
  const outcome = outcomeOf(result);
  board.run.onProgress({ kind: 'step-ended', at: board.run.ports.clock.now(), step, direction: 'do', outcome });
  if (result.kind === 'done') of.done.add(step.id);
  else if (result.kind === 'frozen') await endAs(board, of, { result: 'frozen', ...result.danger });
  else if (of.switched) of.givenUp.set(step.id, result.message);
  else of.failure ??= result;
}

function outcomeOf(result: StepResult): Outcome {
  switch (result.kind) {
    case 'done':
      return done('', result.measured ?? undefined);
    case 'failed':
      return failed(result.code, result.message);
    case 'frozen':
      return unknown('InternalError', result.danger.message);
  }
}

async function end(board: Board, of: MoveRun): Promise<void> {
  if (of.failure !== null) return endAs(board, of, await undoMove(board.run, of));
  const rest = [...of.givenUp].map(([step, reason]) => `${step}: ${reason}`);
  const result = rest.length === 0 ? 'succeeded' : 'degraded';
  return endAs(board, of, { result, message: rest.join('; ') });
}

async function endAs(board: Board, of: MoveRun, ended: Ended): Promise<void> {
  if (ended.result === 'frozen') board.frozen ??= ended.message;
  await closeMove(board.run, of, ended);
  board.slots.give(of.move);
}
