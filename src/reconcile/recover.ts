import type { Action, Step, World } from '../model/index.js';
import type { JournalRecord } from '../ports/index.js';
import { type ExecutionContext, record, type Run } from './acting.js';
import type { Effect } from './effect.js';
import { type ExecutionResult, guarded } from './execute.js';
import { type OpenMove, openPlansIn } from './history.js';
import { beginMove, isSwitchOver, type MoveRun } from './move-run.js';
import { activeCopies, isBlind, observe } from './observe.js';
import { settle } from './perform.js';
import { isProvenAbsent } from './proof.js';
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
      await Promise.all(moves.map((of, index) => choose(run, of, open.moves[index])));
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
const DIED = 'the machine died while it went over';

/** Decides whether a move goes forward or back. */
async function choose(run: Run, of: MoveRun, known: OpenMove | undefined): Promise<void> {
  if (known?.moved === true) {
    of.switched = true;
    return;
  }
  const step = of.begun.find((begun) => begun.actions.some((action) => isSwitchOver(action, of.move)));
  const action = step?.actions.find((candidate) => isSwitchOver(candidate, of.move));
  const effect = step === undefined || action === undefined ? 'absent' : await became(run, known, step, action);
  const world = await observe(run.ports);
  const copies = activeCopies(world, of.move.machine);
  if (copies.length > 1) return freeze(run, of, twoCopies(of.move.machine, copies));
  if (effect === 'present') return arrived(run, of);
  of.gone = effect === 'unclear' && known?.looked === true && isGone(of, world);
  if (effect === 'unclear' && !of.gone) return freeze(run, of, whereabouts(of, world));
  of.failure = { code: 'Aborted', message: of.gone ? DIED : INTERRUPTED };
}

/** What became of a switch-over: as its driver has proven it, or as the hosts show it. */
async function became(run: Run, known: OpenMove | undefined, step: Step, action: Action): Promise<Effect> {
  const isProven = isProvenAbsent(action, known?.answer ?? null, await observe(run.ports));
  return isProven ? 'absent' : settle(run, step, action);
}

/** Both hosts can be asked, and neither has a copy that runs, is paused or comes. */
function isGone(of: MoveRun, world: World): boolean {
  const hosts = [of.move.from, of.move.to].filter((host) => host !== null);
  const copies = world.machines.filter((copy) => copy.name === of.move.machine);
  return !hosts.some((host) => isBlind(world, host)) && copies.every((copy) => copy.state === 'stopped');
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
