import type { Plan } from '../model/index.js';
import type { Journal, JournalEntry, Lease, LeaseGrant } from '../ports/index.js';
import type { Observing } from './observe.js';
import type { ProgressEvent } from './progress.js';

/** Everything that carrying out a plan touches. */
export interface Acting extends Observing {
  readonly journal: Journal;
  readonly lease: Lease;
}

/** The leave to act: who has it, and for how long each renewal lasts. */
export interface Leave {
  readonly grant: LeaseGrant;
  readonly ttlSeconds: number;
}

/** What goes along with one run of a plan. */
export interface ExecutionContext {
  readonly ports: Acting;
  readonly leave: Leave;
  /** Hosts behind one switch, for the limit per group. */
  readonly accessGroups: readonly { readonly name: string; readonly hosts: readonly string[] }[];
  /** Aborted: no new move starts, and what runs is brought to a safe end. */
  readonly signal: AbortSignal;
  readonly onProgress: (event: ProgressEvent) => void;
}

/** One plan being carried out or recovered. */
export interface Run extends ExecutionContext {
  readonly plan: Plan;
  /** Set once the leave to act is gone, or a bug ended the run: from then on nothing more is done, aborting included. */
  readonly over: { is: boolean };
}

/** Thrown inside a run whose lease went to somebody else; {@link guarded} turns it into a result. */
export class LeaveLost extends Error {
  override readonly name = 'LeaveLost';
}

/** Writes to the journal under the run's token. */
export async function record(run: Run, entry: JournalEntry): Promise<void> {
  if (run.over.is) throw new LeaveLost('the run is over');
  try {
    await run.ports.journal.append(entry, run.leave.grant.token);
  } catch (error) {
    throw leaveLost(run, error) ?? error;
  }
}

/** Throws {@link LeaveLost} unless the lease is still ours. */
export async function checkLeave(run: Run): Promise<void> {
  const still = await run.ports.lease.renew(run.leave.grant, run.leave.ttlSeconds);
  if (still === null || run.over.is) throw leave(run, 'the lease expired or went to somebody else');
}

function leaveLost(run: Run, error: unknown): LeaveLost | null {
  return error instanceof Error && error.name === 'FencedOut' ? leave(run, error.message) : null;
}

function leave(run: Run, message: string): LeaveLost {
  run.over.is = true;
  return new LeaveLost(message);
}
