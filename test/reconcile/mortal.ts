import type { ActionContext, Journal } from '../../src/ports/index.js';
import type { Acting } from '../../src/reconcile/index.js';

/** Where a controller can be killed: around each journal record and each call of a driver. */
export interface Boundary {
  readonly number: number;
  readonly name: string;
}

/** The controller was killed on purpose. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

export interface Mortal {
  readonly ports: Acting;
  /** Rejects with {@link Killed} at the moment of death. */
  readonly death: Promise<never>;
  readonly boundaries: readonly Boundary[];
  /** Kills it now, between two boundaries. */
  readonly kill: () => void;
}

/**
 * Ports of a controller that is killed at the boundary with the number `killAt` (from 1; 0: never). After that nothing it began does anything:
 * its calls never return, and its signals reach nobody. What the outside does by itself goes on.
 */
export function mortal(ports: Acting, killAt: number): Mortal {
  const boundaries: Boundary[] = [];
  let dead = false;
  let die: (error: Killed) => void = () => undefined;
  const death = new Promise<never>((_, reject) => (die = reject));
  death.catch(() => undefined);
  const never = new Promise<never>(() => undefined);

  const boundary = (name: string): Promise<void> => {
    if (dead) return never;
    boundaries.push({ number: boundaries.length + 1, name });
    if (boundaries.length !== killAt) return Promise.resolve();
    dead = true;
    die(new Killed(`killed at boundary ${killAt}: ${name}`));
    return never;
  };
  const around = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await boundary(`before ${name}`);
    const result = await alive(work);
    await boundary(`after ${name}`);
    return result;
  };
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dead) return never;
    const result = await work();
    return stillDead() ? never : result;
  };
  const stillDead = (): boolean => dead;
  const detached = (context: ActionContext): ActionContext => {
    const controller = new AbortController();
    context.signal.addEventListener('abort', () => dead || controller.abort());
    if (context.signal.aborted) controller.abort();
    return { ...context, signal: controller.signal };
  };

  const journal: Journal = {
    read: () => alive(() => ports.journal.read()),
    append: (entry, fence) => around(`journal ${entry.kind}`, () => ports.journal.append(entry, fence)),
    compact: (keep, fence) => around('journal compact', () => ports.journal.compact(keep, fence)),
    close: () => ports.journal.close(),
  };
  return {
    death,
    boundaries,
    kill: () => {
      dead = true;
      die(new Killed(`killed after boundary ${boundaries.length}`));
    },
    ports: {
      cluster: ports.cluster,
      journal,
      clock: { now: () => ports.clock.now(), sleep: (ms, signal) => alive(() => ports.clock.sleep(ms, signal)) },
      ledger: {
        read: () => alive(() => ports.ledger.read()),
        swap: (ref, epoch, next) => around(`ledger ${next.phase}`, () => ports.ledger.swap(ref, epoch, next)),
      },
      lease: {
        acquire: (holder, ttl, fence) => alive(() => ports.lease.acquire(holder, ttl, fence)),
        renew: (grant, ttl) => alive(() => ports.lease.renew(grant, ttl)),
        release: (grant) => alive(() => ports.lease.release(grant)),
        current: () => alive(() => ports.lease.current()),
      },
      hypervisor: {
        capabilities: ports.hypervisor.capabilities,
        observe: () => alive(() => ports.hypervisor.observe()),
        perform: (action, context) =>
          around(`hypervisor ${action.kind}`, () => ports.hypervisor.perform(action, detached(context))),
        close: () => ports.hypervisor.close(),
      },
      fabric: {
        observe: () => alive(() => ports.fabric.observe()),
        perform: (action, context) =>
          around(`fabric ${action.kind}`, () => ports.fabric.perform(action, detached(context))),
      },
    },
  };
}
