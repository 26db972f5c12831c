import type { Action, FailureCode, Outcome, Step, World } from '../model/index.js';
import { done, failed } from '../model/index.js';
import { act, type Direction } from './act.js';
import { checkLeave, note, record, type Run } from './acting.js';
import { type Effect, effectOf } from './effect.js';
import { decidesCopies } from './move-run.js';
import { isBlind, observe } from './observe.js';
import { isProvenAbsent } from './proof.js';
import { whereabouts } from './whereabouts.js';

/** What is certain after an action, with the last answer that was given. */
export interface Settled {
  readonly effect: Effect;
  readonly outcome: Outcome;
}

/** How often an action is tried, and after which failures. */
export interface Persistence {
  readonly attempts: number;
  readonly retries: (code: FailureCode) => boolean;
}

const TRANSIENT: readonly FailureCode[] = ['HostUnreachable', 'MachineBusy', 'Conflict', 'InternalError'];

/** For steps that can still be undone: only failures that may pass by themselves. */
export const CAUTIOUS: Persistence = { attempts: 3, retries: (code) => TRANSIENT.includes(code) };

/** For undoing, and for steps behind the switch-over, where there is no way back. */
export const STUBBORN: Persistence = { attempts: 5, retries: () => true };

const FIRST_PAUSE_SECONDS = 2;

/**
 * One action of a step: intent into the journal, lease checked, act, outcome into the journal. Whatever was not answered by
 * `done` is settled by observation; only an effect that is certainly absent is tried again, unless a host that is needed for it does not
 * answer: a guest that has let go of its devices is not to wait for that one.
 */
export async function perform(
  run: Run,
  step: Step,
  index: number,
  direction: Direction,
  persistence: Persistence,
): Promise<Settled> {
  const action = (direction === 'do' ? step.actions : step.undo)[index] as Action;
  const at = { planHash: run.plan.planHash, step: step.id, index, direction };
  for (let attempt = 1; ; attempt++) {
    await record(run, { kind: 'intent', ...at });
    await checkLeave(run);
    const outcome = await act(run, step, action, index, direction);
    await record(run, { kind: 'outcome', ...at, outcome });
    if (outcome.kind === 'done' && !isAnsweredEarly(action)) return { effect: 'present', outcome };
    if (isCertain(outcome) && isProvenAbsent(action, outcome, await observe(run.ports)))
      return { effect: 'absent', outcome };
    const effect = await (outcome.kind === 'done' ? awaitTeardown(run, step, action) : settle(run, step, action));
    if (outcome.kind === 'done') return { effect, outcome: effect === 'present' ? outcome : notTornDown(action) };
    if (effect === 'present') {
      const observed = done(`found done after: ${outcome.message}`);
      await record(run, { kind: 'outcome', ...at, outcome: observed });
      return { effect, outcome: observed };
    }
    if (effect === 'unclear' || attempt >= persistence.attempts || !persistence.retries(outcome.code))
      return { effect, outcome };
    await run.ports.clock.sleep(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * 1000);
  }
}

function isCertain(outcome: Outcome): boolean {
  return outcome.kind === 'failed' && outcome.certain === true;
}

/** Pauses between looks at a world that does not tell yet, about a minute in all. */
const LOOK_AGAIN_SECONDS = [0, 1, 2, 4, 8, 16, 30];

/** Asks the world until it tells whether the effect is there, or patience ends. A migration that still runs is waited for. */
export async function settle(run: Run, step: Step, action: Action): Promise<Effect> {
  if (action.port === 'hypervisor' && action.kind === 'migrate') await awaitJob(run, step, action.machine);
  return lookFor(run, step, action, (effect) => effect !== 'unclear');
}

/** Hypervisors say that a device is let go of while it is still being taken down, or even when it never will be. */
function isAnsweredEarly(action: Action): boolean {
  return action.port === 'hypervisor' && (action.kind === 'detach' || action.kind === 'decommission');
}

function awaitTeardown(run: Run, step: Step, action: Action): Promise<Effect> {
  return lookFor(run, step, action, (effect) => effect === 'present');
}

/** Looks again and again until enough is seen of an effect, and says what it waits for. */
async function lookFor(run: Run, step: Step, action: Action, isEnough: (effect: Effect) => boolean): Promise<Effect> {
  let effect: Effect = 'unclear';
  let told = '';
  for (const pauseSeconds of LOOK_AGAIN_SECONDS) {
    await run.ports.clock.sleep(pauseSeconds * 1000);
    const world = await observe(run.ports);
    effect = effectOf(action, world);
    if (isEnough(effect)) return effect;
    const awaited = `${step.id} waits until it is seen what became of it: ${situation(run, step, action, world)}`;
    // Most things are seen a moment later.
    if (pauseSeconds > 0 && awaited !== told) note(run, (told = awaited));
  }
  return effect;
}

function situation(run: Run, step: Step, action: Action, world: World): string {
  const move = run.plan.moves.find(({ id }) => id === step.move);
  if (move !== undefined && decidesCopies(step)) return whereabouts(move, world);
  const silent = 'host' in action && isBlind(world, action.host) ? `, for ${action.host} does not answer` : '';
  return `${action.kind} is not seen to be done${silent}`;
}

function notTornDown(action: Action): Outcome {
  return failed('DeadlineExceeded', `${action.kind} was answered by done, and its effect was never seen`);
}

const JOB_POLL_SECONDS = 2;

/** Waits until no migration of the machine runs; one that outlasts the step's deadline is aborted. */
export async function awaitJob(run: Run, step: Step, machine: string): Promise<void> {
  const deadline = run.ports.clock.now() + step.deadlineSeconds * 1000;
  for (let look = 0; ; look++) {
    const world = await observe(run.ports);
    const source = world.machines.find((copy) => copy.name === machine && copy.job !== null);
    if (source === undefined) return;
    if (look === 1) note(run, `${step.id} waits: the migration of ${machine} still runs on ${source.host}`);
    await checkLeave(run);
    if (run.ports.clock.now() >= deadline) return abortJob(run, step, machine, source.host);
    await run.ports.clock.sleep(JOB_POLL_SECONDS * 1000);
  }
}

/** The abort is no action of the plan: its intent carries the index behind the step's last. */
async function abortJob(run: Run, step: Step, machine: string, host: string): Promise<void> {
  const at = { planHash: run.plan.planHash, step: step.id, index: step.actions.length, direction: 'do' } as const;
  await record(run, { kind: 'intent', ...at });
  await checkLeave(run);
  const outcome = await act(run, step, { port: 'hypervisor', kind: 'abort', machine, host }, at.index, 'do');
  await record(run, { kind: 'outcome', ...at, outcome });
}
