import type { Action, Step, World } from '../model/index.js';
import type { JournalRecord } from '../ports/index.js';
import { type ExecutionContext, note, type Run } from './acting.js';
import { closeMove } from './close-move.js';
import { type Effect, effectOf } from './effect.js';
import { type ExecutionResult, guarded } from './execute.js';
import { type OpenMove, openPlansIn } from './history.js';
import { beginMove, isSwitchOver, type MoveRun } from './move-run.js';
import { isBlind, observe } from './observe.js';
import { settle } from './perform.js';
import { isProvenAbsent } from './proof.js';
import { arrived } from './step.js';
import { dangerOf, hostsOf, twofold } from './whereabouts.js';

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
  const { machine, from, to } = of.move;
  note(run, `the move of ${machine} from ${from ?? 'nowhere'} to ${to} was left open: it is finished or taken back`);
  if (known?.moved === true) {
    of.switched = true;
    return;
  }
  const step = of.begun.find((begun) => begun.actions.some((action) => isSwitchOver(action, of.move)));
  const action = step?.actions.find((candidate) => isSwitchOver(candidate, of.move));
  const effect = step === undefined || action === undefined ? 'absent' : await became(run, of, known, step, action);
  const world = await observe(run.ports);
  const twice = twofold(machine, world);
  if (twice !== null) return closeMove(run, of, { result: 'frozen', ...twice });
  if (effect === 'present') return arrived(run, of);
  of.gone = effect === 'unclear' && known?.looked === true && isGone(of, world);
  if (effect === 'unclear' && !of.gone) return closeMove(run, of, { result: 'frozen', ...dangerOf(of.move, world) });
  of.failure = { code: 'Aborted', message: of.gone ? DIED : INTERRUPTED };
}

/** What became of a switch-over: as its driver has proven it, or as the hosts show it. */
async function became(run: Run, of: MoveRun, known: OpenMove | undefined, step: Step, action: Action): Promise<Effect> {
  const world = await observe(run.ports);
  if (isProvenAbsent(action, known?.answer ?? null, world)) return 'absent';
  const effect = effectOf(action, world);
  // Nothing more will be seen of it: what there was to wait for was waited for before a person was asked.
  return effect === 'unclear' && known?.looked === true && isGone(of, world) ? effect : settle(run, step, action);
}

/** Both hosts can be asked, and neither has a copy that runs, is paused or comes. */
function isGone(of: MoveRun, world: World): boolean {
  const copies = world.machines.filter((copy) => copy.name === of.move.machine);
  return !hostsOf(of.move).some((host) => isBlind(world, host)) && copies.every((copy) => copy.state === 'stopped');
}
