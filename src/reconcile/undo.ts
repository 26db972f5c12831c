import type { Action, Move, Step } from '../model/index.js';
import { note, type Run } from './acting.js';
import { effectOf } from './effect.js';
import { decidesCopies, type Ended, type MoveRun } from './move-run.js';
import { activeCopies, isBlind, observe } from './observe.js';
import { perform, STUBBORN } from './perform.js';
import { type Danger, dangerOf, twofold, whereabouts } from './whereabouts.js';

/**
 * Takes back what a move did, latest first. What is taken back already is not
 * touched again: the device may be somebody else's by now. A step is left as it is while something that was built on it could not be taken back:
 * a reservation stays as long as its dummy may still stand. Where the machine runs is another matter: it runs on the source again as soon
 * as it certainly runs nowhere else, whatever is left of its dummies. What is left on a target that does not answer is swept up once it
 * does: the move is over all the same. Ends `frozen` when the machine does not run exactly once afterwards.
 */
export async function undoMove(run: Run, of: MoveRun): Promise<Ended> {
  const left = new Map<Step, string>();
  for (const step of of.begun.filter((begun) => !of.undone.has(begun.id)).reverse()) {
    const above = [...left.keys()].find(
      decidesCopies(step) ? decidesCopies : (later) => later.dependsOn.includes(step.id),
    );
    const reason = above === undefined ? await undoStep(run, of, step) : `${above.id} is not undone`;
    if (reason === null) of.undone.add(step.id);
    else left.set(step, reason);
  }
  const danger = of.gone ? null : await dangerTo(run, of.move, of.begun.some(decidesCopies));
  if (danger !== null) return { result: 'frozen', ...danger };
  const why = of.failure?.message ?? '';
  if (left.size === 0) return { result: of.begun.length === 0 ? 'skipped' : 'undone', message: why };
  const rest = [...left].map(([step, reason]) => `${step.id}: ${reason}`).join('; ');
  if (await waitsForTarget(run, of, [...left.keys()]))
    return { result: 'undone', message: `${why}; swept up once ${of.move.to} answers: ${rest}` };
  return { result: 'degraded', message: `${why}; not undone: ${rest}` };
}

async function undoStep(run: Run, of: MoveRun, step: Step): Promise<string | null> {
  if (step.undo.length === 0) return null;
  run.onProgress({ kind: 'step-started', at: run.ports.clock.now(), step, direction: 'undo' });
  for (const [index, action] of step.undo.entries()) {
    if (of.gone && isAboutMachine(action)) continue;
    const { effect, outcome } = await perform(run, step, index, 'undo', STUBBORN);
    run.onProgress({ kind: 'step-ended', at: run.ports.clock.now(), step, direction: 'undo', outcome });
    if (effect !== 'present') return outcome.kind === 'done' ? outcome.detail : outcome.message;
  }
  return null;
}

/** True when the target does not answer, and nothing is left to be undone elsewhere that no sweep does, as it makes machines forget replacements. */
async function waitsForTarget(run: Run, { move }: MoveRun, left: readonly Step[]): Promise<boolean> {
  const world = await observe(run.ports);
  if (!isBlind(world, move.to) || left.some(decidesCopies)) return false;
  const open = left.flatMap(({ undo }) => undo).filter((action) => effectOf(action, world) !== 'present');
  return open.every((action) => action.kind === 'reconfigure' || ('host' in action && action.host === move.to));
}

/** What would be done to the machine itself, of which nothing is left to do it to. */
function isAboutMachine(action: Action): boolean {
  return action.port === 'hypervisor' && action.kind !== 'commission' && action.kind !== 'decommission';
}

const LOOK_AGAIN_SECONDS = [1, 2, 4, 8, 16];

/** Why nobody may act on the machine any more; null when it runs once, where it did before. */
async function dangerTo(run: Run, move: Move, wasTouched: boolean): Promise<Danger | null> {
  for (const pauseSeconds of [...LOOK_AGAIN_SECONDS, null]) {
    const world = await observe(run.ports);
    const twice = twofold(move.machine, world);
    if (twice !== null) return twice;
    const [copy] = activeCopies(world, move.machine);
    if (!wasTouched || (move.from === null ? copy === undefined : copy?.host === move.from)) return null;
    if (pauseSeconds === null) return dangerOf(move, world, `the move to ${move.to} was undone`);
    if (pauseSeconds >= 2) note(run, `${whereabouts(move, world)}, after its move was undone; waiting for a change`);
    await run.ports.clock.sleep(pauseSeconds * 1000);
  }
  return null;
}
