import type { Action, Desired, Plan, Precondition, Step, World } from '../../../src/model/index.js';
import { deviceKey } from '../../../src/model/index.js';
import { depart, perform } from './actions.js';
import { checkEnd, checkUndone } from './ends.js';
import { footprint } from './footprint.js';
import { Ground } from './ground.js';
import { uses } from './ledger.js';
import { skewsOf } from './rules.js';

/** Numbers from 0 to below `n`, from a seed. */
export type Dice = (n: number) => number;

/** How a walk chooses among what may happen next. */
export interface Manner {
  readonly dice: Dice;
  /** Steps and moves that are held back as long as anything else can happen. */
  readonly late?: ReadonlySet<string>;
  /** After so many events a move that is under way and can still be undone is undone, and the walk ends. */
  readonly undoAfter?: number;
}

/** Carries out a plan in one order of events that `dependsOn` allows; answers with everything that was wrong at some instant. */
export function walk(plan: Plan, desired: Desired, world: World, manner: Manner): readonly string[] {
  const ground = new Ground(plan, desired, world);
  const skewBefore = skewsOf(ground);
  const start = structuredClone(footprint(ground));
  const board = new Board(plan, manner);
  let events = 0;
  for (let event = board.next(); event !== null; event = board.next()) {
    if (events >= (manner.undoAfter ?? Infinity)) {
      const undone = board.undoable(plan, manner.dice);
      if (undone !== null) {
        undo(ground, board, undone);
        checkUndone(ground, undone, new Map(start));
        return ground.faults;
      }
    }
    events += 1;
    happen(ground, event);
    for (const [policy, skew] of skewsOf(ground)) {
      const rule = desired.rules.find((one) => one.policy === policy);
      const most = Math.max(rule?.kind === 'spread' ? rule.maxSkew : 0, skewBefore.get(policy) ?? 0);
      if (skew > most) ground.fault(`${policy} has a skew of ${skew} after ${event.step.id}, ${most} allowed`);
    }
  }
  if (!board.isDone()) ground.fault('steps wait for each other');
  checkEnd(ground, plan, world);
  return ground.faults;
}

interface Event {
  readonly step: Step;
  /** -1: the step looks at its preconditions, and a migration departs; then the actions in order. */
  readonly index: number;
}

class Board {
  readonly #steps: readonly Step[];
  readonly #manner: Manner;
  readonly #rank: ReadonlyMap<string, number>;
  readonly #index = new Map<Step, number>();
  readonly #done = new Set<string>();
  readonly begun: Step[] = [];

  constructor(plan: Plan, manner: Manner) {
    this.#steps = plan.steps;
    this.#manner = manner;
    // Half of the walks follow a fixed random order of urgency, which reaches far corners; the others throw dice each time.
    const ranked = manner.dice(2) === 0;
    this.#rank = new Map(plan.steps.map((step) => [step.id, ranked ? manner.dice(1_000_000) : 0]));
  }

  next(): Event | null {
    const open = this.#steps.filter(
      (step) => !this.#done.has(step.id) && step.dependsOn.every((id) => this.#done.has(id)),
    );
    const { late, dice } = this.#manner;
    const eager = open.filter((step) => late?.has(step.id) !== true && late?.has(step.move) !== true);
    const among = eager.length > 0 ? eager : open;
    const first = Math.min(...among.map((step) => this.#rank.get(step.id) ?? 0));
    const best = among.filter((step) => this.#rank.get(step.id) === first);
    const step = best[dice(best.length)];
    if (step === undefined) return null;
    const index = this.#index.get(step) ?? -1;
    this.#index.set(step, index + 1);
    if (index === -1) this.begun.push(step);
    if (index + 1 >= step.actions.length) this.#done.add(step.id);
    return { step, index };
  }

  isDone(): boolean {
    return this.#steps.every((step) => this.#done.has(step.id));
  }

  /** Actions of the step that have happened. */
  progress(step: Step): number {
    return this.#index.get(step) ?? -1;
  }

  /** A move of which something has begun, and whose machine has not gone over. */
  undoable(plan: Plan, dice: Dice): string | null {
    const moves = plan.moves.filter(({ id }) => {
      const begun = this.begun.filter((step) => step.move === id);
      const isOver = begun.some((step) =>
        step.actions.slice(0, Math.max(0, this.progress(step))).some((action) => goesOver(step, action)),
      );
      return begun.length > 0 && !isOver;
    });
    return moves[dice(moves.length)]?.id ?? null;
  }
}

function goesOver(step: Step, action: Action): boolean {
  return (step.kind === 'migrate' && action.kind === 'migrate') || (step.kind === 'start' && action.kind === 'start');
}

function happen(ground: Ground, { step, index }: Event): void {
  const action = step.actions[index];
  if (action !== undefined) {
    perform(ground, step, action, 'do');
    return;
  }
  for (const precondition of step.preconditions) {
    const unmet = unmetBy(ground, precondition);
    if (unmet !== null) ground.fault(`${step.id} begins, and ${unmet}`);
  }
  for (const departure of step.actions) if (departure.kind === 'migrate') depart(ground, step, departure);
}

/** The step that was under way has failed; whatever it may have left of the machine on the target is there. */
function undo(ground: Ground, board: Board, move: string): void {
  const begun = board.begun.filter((step) => step.move === move);
  for (const action of begun.flatMap((step) => step.actions))
    if (
      action.kind === 'start' &&
      !ground.copies.some(({ machine, host }) => machine === action.machine && host === action.host)
    )
      ground.copies.push(failedStart(action.machine, action.host));
  for (const step of begun.reverse()) for (const action of step.undo) perform(ground, step, action, 'undo');
}

function failedStart(machine: string, host: string): Ground['copies'][number] {
  const size = { vcpus: 0, memoryMiB: 0, hugepageSizeKiB: 0, isolatedCpus: false };
  return { machine, host, state: 'stopped', size, cell: null, devices: new Map(), staged: [] };
}

function unmetBy(ground: Ground, fact: Precondition): string | null {
  switch (fact.kind) {
    case 'machine-on': {
      const hosts = ground.active(fact.machine).map(({ host }) => host);
      return hosts.join() === fact.host
        ? null
        : `${fact.machine} runs on ${hosts.join() || 'no host'}, not ${fact.host}`;
    }
    case 'machine-inactive':
      return ground.active(fact.machine).length === 0 ? null : `${fact.machine} runs`;
    case 'host-up':
      return ground.hosts.get(fact.host)?.state === 'up' ? null : `${fact.host} is not up`;
    case 'device-free': {
      const key = deviceKey(fact);
      const entry = ground.ledger.get(key);
      const user = ground.user(fact.host, fact.device, '');
      if (!ground.devices.has(key) || user !== null) return `${key} is with ${user ?? 'nobody, and is not there'}`;
      const isOwn = entry === undefined || (entry.machine === fact.machine && entry.claim === fact.claim);
      return isOwn ? null : `${key} is reserved for ${entry.machine}`;
    }
    case 'reserved': {
      const entry = ground.ledger.get(deviceKey(fact));
      const isOwn = entry?.machine === fact.machine && entry.claim === fact.claim;
      return isOwn ? null : `${deviceKey(fact)} is not ${fact.machine}’s`;
    }
    case 'device-attached':
      return uses(ground, fact.machine, fact.host, fact.device) ? null : `${fact.machine} has no ${fact.device}`;
    case 'device-detached':
      return uses(ground, fact.machine, fact.host, fact.device) ? `${fact.machine} has ${fact.device}` : null;
    case 'mac-unique': {
      const speaker = ground.speaker(fact.mac, fact.machine);
      return speaker === null ? null : `${fact.mac} is the address of ${speaker}`;
    }
  }
}
