import type { Surroundings } from './limits.js';
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
  /** Set once it is lost, or a bug ended the run: from then on nothing more is done, aborting included. */
  readonly over: { is: boolean };
}

/** Renews the lease in the background while `work` runs, since one action may take longer than the lease lasts. */
export async function whileRenewing<T>(ports: Acting, leave: Leave, work: () => Promise<T>): Promise<T> {
  const finished = new AbortController();
  const renew = async (): Promise<void> => {
    while (!leave.over.is) {
      await ports.clock.sleep((leave.ttlSeconds * 1000) / 3, finished.signal);
      if (finished.signal.aborted) return;
      if ((await ports.lease.renew(leave.grant, leave.ttlSeconds)) === null) leave.over.is = true;
    }
  };
  const renewing = renew().catch(() => {
    leave.over.is = true;
  });
  try {
    return await work();
  } finally {
    finished.abort();
    await renewing;
  }
}

/** What goes along with one run of a plan. */
export interface ExecutionContext extends Surroundings {
  readonly ports: Acting;
  readonly leave: Leave;
  /** Aborted: no new move starts, and what runs is brought to a safe end. */
  readonly signal: AbortSignal;
  /** The same, asked before anything begins. */
  readonly isSuspended: () => boolean;
  readonly onProgress: (event: ProgressEvent) => void;
}

/** Why a signal came, as far as whoever sent it has said so. */
export function reasonOf({ reason }: AbortSignal): string {
  return typeof reason === 'string' ? reason : 'stopped on request';
}

/** One plan being carried out or recovered. */
export interface Run extends ExecutionContext {
  readonly plan: Plan;
}

/** Tells what is waited for, or was found out. */
export function note(
  { ports, onProgress }: { readonly ports: Pick<Acting, 'clock'> } & Pick<ExecutionContext, 'onProgress'>,
  message: string,
): void {
  onProgress({ kind: 'note', at: ports.clock.now(), message });
}

/** Thrown inside a run whose lease went to somebody else; {@link guarded} turns it into a result. */
export class LeaveLost extends Error {
  override readonly name = 'LeaveLost';
}

/** Writes to the journal under the run's token. */
export async function record(run: Run, entry: JournalEntry): Promise<void> {
  if (run.leave.over.is) throw new LeaveLost('the run is over');
  try {
    await run.ports.journal.append(entry, run.leave.grant.token);
  } catch (error) {
    throw leaveLost(run, error) ?? error;
  }
}

/** Throws {@link LeaveLost} unless the lease is still ours. */
export async function checkLeave(run: Run): Promise<void> {
  const still = await run.ports.lease.renew(run.leave.grant, run.leave.ttlSeconds);
  if (still === null || run.leave.over.is) throw leave(run, 'the lease expired or went to somebody else');
}

function leaveLost(run: Run, error: unknown): LeaveLost | null {
  return error instanceof Error && error.name === 'FencedOut' ? leave(run, error.message) : null;
}

function leave(run: Run, message: string): LeaveLost {
  run.leave.over.is = true;
  return new LeaveLost(message);
}
