import type { Step } from '../model/index.js';
import { record, type Run } from './acting.js';
import { effectOf } from './effect.js';
import { retakeLostDummies } from './dummies.js';
import { decidesCopies, type Failure, isSwitchOver, type MoveRun } from './move-run.js';
import { activeCopies, observe } from './observe.js';
import { CAUTIOUS, perform, STUBBORN } from './perform.js';
import { firstUnmet } from './preconditions.js';

export type StepResult =
  | { readonly kind: 'done' }
  | ({ readonly kind: 'failed' } & Failure)
  /** Nobody can tell whether the machine runs once: a person has to look. */
  | { readonly kind: 'frozen'; readonly message: string };

const DONE: StepResult = { kind: 'done' };

/** Carries out one step: waits its delay, checks everything on a fresh observation, and performs its actions in order. */
export async function runStep(run: Run, of: MoveRun, step: Step): Promise<StepResult> {
  await run.ports.clock.sleep(step.delaySeconds * 1000);
  run.onProgress({ kind: 'step-started', at: run.ports.clock.now(), step, direction: 'do' });
  const obstacle = await obstacleTo(run, of, step);
  if (obstacle !== null) return obstacle;
  if (!of.begun.includes(step)) of.begun.push(step);
  for (const index of step.actions.keys()) {
    const result = await runAction(run, of, step, index);
    if (result.kind !== 'done') return result;
  }
  return DONE;
}

async function runAction(run: Run, of: MoveRun, step: Step, index: number): Promise<StepResult> {
  const action = step.actions[index];
  if (action === undefined) return DONE;
  if (of.reopened.has(step.id) && (await isSettled(run, of, step, index))) return DONE;
  const { effect, outcome } = await perform(run, step, index, 'do', of.switched ? STUBBORN : CAUTIOUS);
  if (effect === 'present') {
    if (isSwitchOver(action, of.move)) await arrived(run, of);
    return DONE;
  }
  const message = outcome.kind === 'done' ? outcome.detail : outcome.message;
  if (effect === 'unclear' && decidesCopies(step)) return { kind: 'frozen', message };
  return { kind: 'failed', code: outcome.kind === 'done' ? 'InternalError' : outcome.code, message };
}

/** True for an action of an earlier run that is done, or has lost its point because the machine went on to another host. */
async function isSettled(run: Run, of: MoveRun, step: Step, index: number): Promise<boolean> {
  const action = step.actions[index];
  if (action === undefined) return true;
  const world = await observe(run.ports);
  if (effectOf(action, world) === 'present') return true;
  const [copy] = activeCopies(world, of.move.machine);
  const isAboutTarget = step.kind === 'announce' || step.kind === 'forward' || step.kind === 'attach';
  return of.switched && isAboutTarget && copy !== undefined && copy.host !== of.move.to;
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
    const copies = activeCopies(world, of.move.machine);
    if (copies.length > 1) return { kind: 'frozen', message: twoCopies(of.move.machine, copies) };
    // An earlier run may have done part of the step; then the state before it is gone.
    const unmet = of.reopened.has(step.id) ? null : firstUnmet(step.preconditions, world);
    if (unmet === null) return null;
    if (pauseSeconds === null || !(unmet.blind || of.switched))
      return { kind: 'failed', code: unmet.blind ? 'HostUnreachable' : 'PreconditionFailed', message: unmet.message };
    await run.ports.clock.sleep(pauseSeconds * 1000);
  }
  return null;
}

export function twoCopies(machine: string, copies: readonly { readonly host: string }[]): string {
  return `${machine} runs on ${copies.map((copy) => copy.host).join(' and ')}`;
}
