import type { Action, Move, Outcome, Plan, Step, World } from '../model/index.js';
import type { JournalRecord } from '../ports/index.js';
import { isSwitchOver } from './move-run.js';
import type { MoveResult } from './progress.js';

/** A plan of the past with moves that came to no end, or to one that is worth another try. */
export interface OpenPlan {
  readonly plan: Plan;
  readonly moves: readonly OpenMove[];
}

/** What the journal knows of a move. */
export interface OpenMove {
  readonly move: Move;
  /** Steps with an intent, in the order in which they began. */
  readonly begun: readonly Step[];
  /** Steps of which every action was answered by done. */
  readonly done: ReadonlySet<string>;
  /** Steps that were taken back whole. */
  readonly undone: ReadonlySet<string>;
  /** The machine is known to have arrived. */
  readonly moved: boolean;
  /** What was last answered to its switch-over, null when it was asked for and nothing is written of the answer. */
  readonly answer: Outcome | null;
  /** It ended frozen, and a person has looked since. */
  readonly looked: boolean;
}

/** A freeze that nobody has lifted. */
export interface Freeze {
  readonly reason: string;
  readonly message: string;
  readonly machine: string | null;
  readonly at: number;
}

/** The last fence that a journal has seen. */
export function fenceOf(records: readonly JournalRecord[]): number {
  return records.at(-1)?.fence ?? 0;
}

/** The last freeze that stands. */
export function freezeIn(records: readonly JournalRecord[]): Freeze | null {
  return freezesIn(records).at(-1) ?? null;
}

/** Every freeze that stands: nobody has lifted it since. */
export function freezesIn(records: readonly JournalRecord[]): readonly (JournalRecord & { kind: 'frozen' })[] {
  const lifted = records.findLast(({ kind }) => kind === 'unlocked' || kind === 'thawed')?.sequence ?? 0;
  return records.filter((record) => record.kind === 'frozen').filter(({ sequence }) => sequence > lifted);
}

/** When each machine last changed hosts, and from where. */
export function lastMovesIn(records: readonly JournalRecord[]): World['lastMoves'] {
  const last = new Map(
    records.filter((record) => record.kind === 'moved').map((record) => [record.machine, record] as const),
  );
  return [...last.values()].map(({ machine, from, at }) => ({ machine, from, at }));
}

/** What later passes need of a journal: what is open, when each machine moved last, freezes that stand, and that a person lifted one. */
export function stillNeeded(records: readonly JournalRecord[]): readonly JournalRecord[] {
  const open = new Set(openPlansIn(records).map(({ plan }) => plan.planHash));
  const seen = new Set<string>();
  const isLastMove = (record: JournalRecord): boolean => {
    if (record.kind !== 'moved' || seen.has(record.machine)) return false;
    seen.add(record.machine);
    return true;
  };
  const lastMoves = new Set(records.toReversed().filter(isLastMove));
  const freezes = new Set<JournalRecord>(freezesIn(records));
  const unlocked = records.findLast((record) => record.kind === 'unlocked');
  return records.filter((record) => {
    const planHash = record.kind === 'plan-started' ? record.plan.planHash : 'planHash' in record && record.planHash;
    return (
      (planHash !== false && open.has(planHash)) || lastMoves.has(record) || freezes.has(record) || record === unlocked
    );
  });
}

/** Ends that recovery tries again: what could not be undone or completed then may be possible now. */
const WORTH_ANOTHER_TRY: readonly MoveResult[] = ['degraded', 'frozen'];

/** Every plan with moves that are open, oldest first. */
export function openPlansIn(records: readonly JournalRecord[]): readonly OpenPlan[] {
  const started = new Map<string, { readonly plan: Plan; readonly records: JournalRecord[] }>();
  for (const record of records) {
    if (record.kind === 'plan-started') started.set(record.plan.planHash, { plan: record.plan, records: [] });
    else if ('planHash' in record) started.get(record.planHash)?.records.push(record);
  }
  const unlocked = records.findLast((record) => record.kind === 'unlocked')?.sequence ?? 0;
  return [...started.values()]
    .map(({ plan, records: own }) => ({ plan, moves: openMoves(plan, own, unlocked) }))
    .filter((open) => open.moves.length > 0);
}

function openMoves(plan: Plan, records: readonly JournalRecord[], unlocked: number): readonly OpenMove[] {
  return plan.moves.flatMap((move) => {
    const end = records.findLast((record) => record.kind === 'move-ended' && record.move === move.id);
    if (end?.kind === 'move-ended' && !WORTH_ANOTHER_TRY.includes(end.result)) return [];
    const looked = end?.kind === 'move-ended' && end.result === 'frozen' && end.sequence < unlocked;
    return [{ ...openMove(plan, move, records), looked }];
  });
}

function openMove(plan: Plan, move: Move, records: readonly JournalRecord[]): Omit<OpenMove, 'looked'> {
  const steps = new Map(plan.steps.filter((step) => step.move === move.id).map((step) => [step.id, step]));
  const begun = new Set<Step>();
  const performed = new Set<Action>();
  let moved = false;
  let answer: Outcome | null = null;
  for (const record of records) {
    if (record.kind === 'moved' && record.machine === move.machine && record.to === move.to) moved = true;
    if (record.kind !== 'intent' && record.kind !== 'outcome') continue;
    const step = steps.get(record.step);
    if (step === undefined) continue;
    if (record.direction === 'do') begun.add(step);
    const action = (record.direction === 'do' ? step.actions : step.undo)[record.index];
    if (action !== undefined && record.direction === 'do' && isSwitchOver(action, move))
      answer = record.kind === 'outcome' ? record.outcome : null;
    if (record.kind === 'outcome' && record.outcome.kind === 'done' && action !== undefined) performed.add(action);
  }
  const whole = (actions: (step: Step) => readonly Action[]): ReadonlySet<string> =>
    new Set([...begun].filter((step) => actions(step).every((action) => performed.has(action))).map((step) => step.id));
  const [done, undone] = [whole((step) => step.actions), whole((step) => step.undo)];
  return { move, begun: [...begun], done, undone, moved, answer };
}
