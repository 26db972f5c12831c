import type { Clock } from '../ports/index.js';
import type { HoldReason, PassFacts } from './facts.js';
import { firstOpening } from './gates.js';

/** What the daemon needs in order to run passes. */
export interface Schedule {
  readonly clock: Clock;
  /** Seconds between passes of which nothing has to be tried again. */
  readonly intervalSeconds: (last: PassFacts | null) => number;
  /** One pass. `cancel` is aborted when the daemon stops, and when what is wanted may have changed while moves are under way. */
  readonly pass: (cancel: AbortSignal) => Promise<PassFacts>;
  /** True when the source has another commit than the one that the running pass works on. */
  readonly hasChanged: () => Promise<boolean>;
  /** After each pass; `attempts` counts passes in a row that have to be tried again. */
  readonly onPass: (facts: PassFacts, next: NextPass) => Promise<void>;
  readonly signal: AbortSignal;
}

/** When the next pass comes, unless something asks for it earlier. */
export interface NextPass {
  readonly afterSeconds: number;
  readonly attempts: number;
  /** The condition of a loop that goes on: `ProgressingWithRetry` while it has to try again. */
  readonly reason: 'Succeeded' | 'ProgressingWithRetry';
}

/** The running daemon: ask it for a pass now, or wait for its end. */
export interface Scheduled {
  /** A commit came, a file changed, somebody asked. */
  trigger(): void;
  readonly ended: Promise<void>;
}

const FIRST_RETRY_SECONDS = 5;

/** Holds that pass by themselves and are worth trying before the interval is over. */
const WORTH_RETRYING: readonly HoldReason[] = ['GitUnreachable', 'Locked', 'LeaseLost', 'Failed'];

/** When to come again after a pass that is over `now`. */
export function nextPass(facts: PassFacts, attemptsBefore: number, intervalSeconds: number, now: number): NextPass {
  const failed = facts.hold === null && facts.execution?.result === 'failed';
  const retry =
    failed ||
    missesHosts(facts) ||
    facts.freeze?.reason === 'UnclearMachine' ||
    (facts.hold !== null && WORTH_RETRYING.includes(facts.hold.reason));
  const soonest = Math.min(intervalSeconds, secondsToWindow(facts, now));
  if (!retry) return { afterSeconds: soonest, attempts: 0, reason: 'Succeeded' };
  const afterSeconds = Math.min(soonest, FIRST_RETRY_SECONDS * 2 ** attemptsBefore);
  return { afterSeconds, attempts: attemptsBefore + 1, reason: 'ProgressingWithRetry' };
}

/** A host that did not answer may be back soon, and what it kept from being done can be done then. */
function missesHosts({ world }: PassFacts): boolean {
  return world?.hosts.some(({ state }) => state === 'unknown') === true;
}

/** Counted from the start of the pass, so that a window that opened meanwhile is not missed. */
function secondsToWindow({ hold, plan, desired, startedAt }: PassFacts, now: number): number {
  if (hold?.reason !== 'WindowClosed' || plan === null || desired === null) return Infinity;
  const opening = firstOpening(plan, desired, startedAt);
  return opening === null ? Infinity : Math.max(0, opening - now) / 1000;
}

/**
 * Runs passes one after the other, never two at once: at every interval, after a trigger, and sooner after a failure. A trigger in the
 * middle of a pass that brings another commit stops moves that have not begun, since they may not be wanted any more.
 */
export function schedule(options: Schedule): Scheduled {
  let wake = new AbortController();
  let running: AbortController | null = null;
  const stop = (): void => {
    wake.abort();
    running?.abort(options.signal.reason);
  };
  options.signal.addEventListener('abort', stop);

  const isStopped = (): boolean => options.signal.aborted;
  const isTriggered = (): boolean => wake.signal.aborted;
  const loop = async (): Promise<void> => {
    let attempts = 0;
    while (!isStopped()) {
      wake = new AbortController();
      running = new AbortController();
      const facts = await options.pass(running.signal);
      running = null;
      const next = nextPass(facts, attempts, options.intervalSeconds(facts), options.clock.now());
      await options.onPass(facts, next);
      if (!isStopped()) await options.clock.sleep(next.afterSeconds * 1000, wake.signal);
      // A pass that was asked for is no further attempt: the pause after the last one was not waited for.
      attempts = isTriggered() ? Math.min(attempts, next.attempts) : next.attempts;
    }
  };
  const reconsider = async (pass: AbortController): Promise<void> => {
    if (await options.hasChanged()) pass.abort('another commit came');
  };
  return {
    trigger: () => {
      wake.abort();
      if (running !== null) void reconsider(running).catch(() => undefined);
    },
    ended: loop().finally(() => options.signal.removeEventListener('abort', stop)),
  };
}
