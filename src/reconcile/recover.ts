import type { World } from '../model/index.js';
import type { JournalRecord } from '../ports/index.js';
import { type ExecutionContext, record, type Run } from './acting.js';
import { type ExecutionResult, guarded } from './execute.js';
import { type OpenMove, openPlansIn } from './history.js';
import { beginMove, isSwitchOver, type MoveRun } from './move-run.js';
import { activeCopies, observe } from './observe.js';
import { settle } from './perform.js';
import { arrived, twoCopies } from './step.js';

/**
 * Settles what an earlier run left open: a move whose machine has reached the target is brought to its end, every other one is
 * undone. Where the machine is is asked of the hosts, after running migrations have ended. May itself be killed at any point: it then
 * begins anew from the same journal and the same hosts.
 */
export async function recover(
  records: readonly JournalRecord[],
  context: ExecutionContext,
): Promise<readonly ExecutionResult[]> {
  const results: ExecutionResult[] = [];
  for (const open of openPlansIn(records)) {
    const run: Run = { ...context, plan: open.plan };
    const moves = open.moves.map((known) => reopen(run, known));
    const result = await guarded(run, moves, async () => {
      await Promise.all(moves.map((of, index) => choose(run, of, open.moves[index]?.moved === true)));
    });
    results.push(result);
    if (result.result === 'fenced' || result.result === 'frozen') break;
  }
  return results;
}

function reopen(run: Run, known: OpenMove): MoveRun {
  const of = beginMove(run.plan, known.move);
  of.begun.push(...known.begun);
  for (const step of known.begun) (known.done.has(step.id) ? of.done : of.reopened).add(step.id);
  for (const id of known.undone) of.undone.add(id);
  return of;
}

const INTERRUPTED = 'its run was interrupted';

/** Decides whether a move goes forward or back. */
async function choose(run: Run, of: MoveRun, moved: boolean): Promise<void> {
  if (moved) {
    of.switched = true;
    return;
  }
  const step = of.begun.find((begun) => begun.actions.some((action) => isSwitchOver(action, of.move)));
  const action = step?.actions.find((candidate) => isSwitchOver(candidate, of.move));
  const effect = step === undefined || action === undefined ? 'absent' : await settle(run, step, action);
  const copies = activeCopies(await observe(run.ports), of.move.machine);
  if (copies.length > 1) return freeze(run, of, twoCopies(of.move.machine, copies));
  if (effect === 'present') return arrived(run, of);
  if (effect === 'unclear') return freeze(run, of, whereabouts(of, await observe(run.ports)));
  of.failure = { code: 'Aborted', message: INTERRUPTED };
}

function whereabouts(of: MoveRun, world: World): string {
  const { machine, from, to } = of.move;
  const hosts = activeCopies(world, machine).map((copy) => copy.host);
  return hosts.length === 0
    ? `nobody sees ${machine} run: its migration from ${from ?? 'nowhere'} to ${to} was interrupted`
    : `${machine} is seen on ${hosts.join()} and its migration to ${to} is not settled`;
}

async function freeze(run: Run, of: MoveRun, message: string): Promise<void> {
  const { machine, id } = of.move;
  of.ended = { result: 'frozen', message };
  await record(run, { kind: 'frozen', reason: 'UnclearMachine', message, machine });
  await record(run, { kind: 'move-ended', planHash: run.plan.planHash, move: id, ...of.ended });
  run.onProgress({ kind: 'frozen', at: run.ports.clock.now(), machine, message });
}
