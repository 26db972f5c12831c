import type { Measured, Precondition, Step, World } from '../model/index.js';
import { note, record, type Run } from './acting.js';
import { effectOf } from './effect.js';
import { retakeLostDummies } from './dummies.js';
import { decidesCopies, type Failure, isSwitchOver, type MoveRun } from './move-run.js';
import { activeCopies, isBlind, observe } from './observe.js';
import { CAUTIOUS, perform, STUBBORN } from './perform.js';
import { firstUnmet } from './preconditions.js';
import { type Danger, dangerOf, twofold } from './whereabouts.js';

export type StepResult =
  /** `measured`: of the migration that was a part of it. */
  | { readonly kind: 'done'; readonly measured: Measured | null }
  | ({ readonly kind: 'failed' } & Failure)
  /** Nobody can tell whether the machine runs once: a person has to look. */
  | { readonly kind: 'frozen'; readonly danger: Danger };

const DONE: StepResult = { kind: 'done', measured: null };

/** Carries out one step: waits its delay, checks everything on a fresh observation, and performs its actions in order. */
export async function runStep(run: Run, of: MoveRun, step: Step): Promise<StepResult> {
  await run.ports.clock.sleep(step.delaySeconds * 1000);
  run.onProgress({ kind: 'step-started', at: run.ports.clock.now(), step, direction: 'do' });
  if (of.switched && isMoot(of, step, await observe(run.ports))) return DONE;
  const obstacle = await obstacleTo(run, of, step);
  if (obstacle !== null) return obstacle;
  if (!of.begun.includes(step)) of.begun.push(step);
  let measured: Measured | null = null;
  for (const index of step.actions.keys()) {
    const result = await runAction(run, of, step, index);
    if (result.kind !== 'done') return result;
    measured = result.measured ?? measured;
  }
  return { kind: 'done', measured };
}

async function runAction(run: Run, of: MoveRun, step: Step, index: number): Promise<StepResult> {
  const action = step.actions[index];
  if (action === undefined) return DONE;
  if (of.reopened.has(step.id) && (await isSettled(run, of, step, index))) return DONE;
  const { effect, outcome } = await perform(run, step, index, 'do', of.switched ? STUBBORN : CAUTIOUS);
  if (effect === 'present') {
    if (isSwitchOver(action, of.move)) await arrived(run, of);
    return { kind: 'done', measured: outcome.kind === 'done' ? (outcome.measured ?? null) : null };
  }
  const message = outcome.kind === 'done' ? outcome.detail : outcome.message;
  if (effect === 'unclear' && decidesCopies(step))
    return { kind: 'frozen', danger: dangerOf(of.move, await observe(run.ports), message) };
  return { kind: 'failed', code: outcome.kind === 'done' ? 'InternalError' : outcome.code, message };
}

/** True for an action of an earlier run that is done, or has lost its point. */
async function isSettled(run: Run, of: MoveRun, step: Step, index: number): Promise<boolean> {
  const action = step.actions[index];
  if (action === undefined) return true;
  const world = await observe(run.ports);
  return effectOf(action, world) === 'present' || isMoot(of, step, world);
}

/**
 * True for a step that serves the machine on the target when the machine had arrived there and has gone since: moved on, or dead.
 * What is left of the move is to give back the source.
 */
function isMoot(of: MoveRun, step: Step, world: World): boolean {
  const isAboutTarget = step.kind === 'announce' || step.kind === 'forward' || step.kind === 'attach';
  if (!of.switched || !isAboutTarget || isBlind(world, of.move.to)) return false;
  return !activeCopies(world, of.move.machine).some((copy) => copy.host === of.move.to);
}

/** The machine runs on the target. */
export async function arrived(run: Run, of: MoveRun): Promise<void> {
  of.switched = true;
  const { machine, from, to } = of.move;
  await record(run, { kind: 'moved', planHash: run.plan.planHash, machine, from, to });
}

const LOOK_AGAIN_SECONDS = [2, 4, 8];

/** What stands against a step right before it; a host that does not answer is given some time. */
async function obstacleTo(run: Run, of: MoveRun, step: Step): Promise<StepResult | null> {
  for (const pauseSeconds of [...LOOK_AGAIN_SECONDS, null]) {
    const lost = await retakeLostDummies(run, of);
    if (lost !== null) return { kind: 'failed', ...lost };
    const world = await observe(run.ports);
    const danger = twofold(of.move.machine, world);
    if (danger !== null) return { kind: 'frozen', danger };
    // An earlier run may have done part of the step; then the state before it is gone.
    const unmet = of.reopened.has(step.id) ? null : firstUnmet(stillMeant(of, step, world), world);
    if (unmet === null) return null;
    if (pauseSeconds === null || !(unmet.blind || of.switched))
      return { kind: 'failed', code: unmet.blind ? 'HostUnreachable' : 'PreconditionFailed', message: unmet.message };
    note(run, `${step.id} waits: ${unmet.message}`);
    await run.ports.clock.sleep(pauseSeconds * 1000);
  }
  return null;
}

/**
 * The preconditions that still mean something. What gives back the source waits for the machine on the target; when it had arrived there and
 * runs on neither host by now, there is nothing left to wait for. A definition on the source stays as long as it may be the only one.
 */
function stillMeant(of: MoveRun, step: Step, world: World): readonly Precondition[] {
  const hosts = [of.move.from, of.move.to].filter((host) => host !== null);
  const isThere = activeCopies(world, of.move.machine).some((copy) => hosts.includes(copy.host));
  if (!of.switched || step.kind === 'undefine' || isThere || hosts.some((host) => isBlind(world, host)))
    return step.preconditions;
  return step.preconditions.filter((precondition) => precondition.kind !== 'machine-on');
}
