import type { Rule } from '../instance.js';
import { grainOf } from './bounds.js';
import type { Stuck } from './passes.js';
import { schedule } from './passes.js';
import type { Problem } from './problem.js';

/** One change with which there is a schedule: it was made, and tried. */
export type Relaxation =
  /** So much more of the resource at the place (a host or a cell). */
  | { readonly kind: 'room'; readonly place: number; readonly resource: number; readonly missing: number }
  /** The rule is given up. */
  | { readonly kind: 'rule'; readonly rule: Rule };

export interface Relaxing {
  /** The smallest change of those tried; null when none of them frees the knot. */
  readonly relaxation: Relaxation | null;
  /** Places, and rules, of which more or less was tried. */
  readonly places: number;
  readonly rules: number;
  /** False when the effort was spent before all of them had been tried. */
  readonly complete: boolean;
}

/** Hosts with the most room that are tried beside those of the knot: a machine may step aside there. */
const SPACIOUS = 6;
/** Places of amounts that are no whole numbers. */
const FINE = 64;

/**
 * The least room that would have to be added on one place so that the moves that are stuck can all be made, by bisection place after place;
 * if there is none, a rule without which they can. Every answer is a change with which a schedule was found from where the moves got stuck.
 * `effort`: moves that all trials together may put in time.
 */
export function relax(problem: Problem, stuck: Stuck, effort: number): Relaxing {
  const trial = new Trial({ ...problem, instance: { ...problem.instance, origin: stuck.reached } }, effort);
  const places = placesOf(problem, stuck);
  let least: (Relaxation & { readonly kind: 'room' }) | null = null;
  let leastShare = Infinity;
  for (let resource = 0; resource < problem.instance.resources; resource++) {
    const { wanted, mean } = wantedOf(problem, stuck, resource);
    if (wanted === 0) continue;
    const grain = grainOf(problem.instance, resource) || wanted / FINE;
    for (const place of places) {
      const missing = trial.leastRoom(place, resource, { grain, most: wanted, below: leastShare * mean });
      if (missing === null) continue;
      leastShare = missing / mean;
      least = { kind: 'room', place, resource, missing };
    }
  }
  const rules = least === null ? rulesOf(problem, stuck) : [];
  const rule = rules.find((entry) =>
    trial.succeeds({ rules: problem.instance.rules.filter((each) => each !== entry) }),
  );
  return {
    relaxation: least ?? (rule === undefined ? null : { kind: 'rule', rule }),
    places: places.length,
    rules: rules.length,
    complete: !trial.isSpent,
  };
}

/** Schedules that are made for the answer to whether there is one. */
class Trial {
  #left: number;

  constructor(
    private readonly problem: Problem,
    effort: number,
  ) {
    this.#left = effort;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  succeeds(change: Partial<Pick<Problem['instance'], 'capacity' | 'rules'>>): boolean {
    if (this.isSpent) return false;
    const { problem } = this;
    const changed = { ...problem, instance: { ...problem.instance, ...change } };
    const result = schedule(changed, { seed: 1, effort: 1, worth: 0 });
    this.#left -= result.spent;
    return result.kind === 'schedule';
  }

  /** Least room, of amounts that make a difference, that has to be added; null when none below the given amount helps. */
  leastRoom(
    place: number,
    resource: number,
    { grain, most, below }: { readonly grain: number; readonly most: number; readonly below: number },
  ): number | null {
    const { capacity, base, resources } = this.problem.instance;
    const at = place * resources + resource;
    const now = capacity[at] ?? Infinity;
    if (now === Infinity) return null;
    const own = base[at] ?? 0;
    const usable = Math.floor((now - own) / grain + 1e-9);
    const amountOf = (steps: number) => own + (usable + steps) * grain - now;
    const helps = (steps: number) => {
      const more = capacity.slice();
      more[at] = now + amountOf(steps);
      return this.succeeds({ capacity: more });
    };
    let high = Math.ceil(most / grain);
    while (high > 0 && amountOf(high) >= below)
      high = Math.min(high - 1, Math.ceil((below - own + now) / grain) - usable);
    if (high <= 0 || !helps(high)) return null;
    let low = 0;
    while (high - low > 1 && !this.isSpent) {
      const middle = (low + high) >> 1;
      if (helps(middle)) high = middle;
      else low = middle;
    }
    return amountOf(high);
  }
}

/** Hosts and cells that the knot is about, those that machines of it want first, then the ones with the most room. */
function placesOf({ instance, target }: Problem, { knot, reached }: Stuck): readonly number[] {
  const { hosts, resources, capacity, base, demand, hostOf } = instance;
  const found = new Set<number>();
  const add = (place: number) => {
    if (place < 0) return;
    found.add(hostOf[place] ?? place);
    found.add(place);
  };
  const waiting = [...reached.keys()].filter((machine) => reached[machine] !== target[machine]);
  for (const machines of [knot.machines, waiting]) for (const machine of machines) add(target[machine] ?? -1);
  for (const machine of knot.machines) add(reached[machine] ?? -1);
  const free = Array.from(
    { length: hosts },
    (_, host) => (capacity[host * resources] ?? 0) - (base[host * resources] ?? 0),
  );
  reached.forEach((place, machine) => {
    const host = hostOf[place] ?? -1;
    if (host >= 0) free[host] = (free[host] ?? 0) - (demand[machine * resources] ?? 0);
  });
  const spacious = [...free.keys()].sort((a, b) => (free[b] ?? 0) - (free[a] ?? 0) || a - b);
  spacious.slice(0, SPACIOUS).forEach(add);
  return [...found];
}

/** What the machines that wait need of a resource together, and what a host has of it on average. */
function wantedOf({ instance, target }: Problem, { reached }: Stuck, resource: number) {
  const { hosts, resources, demand, capacity } = instance;
  let wanted = 0;
  reached.forEach((place, machine) => {
    if (place !== target[machine]) wanted += demand[machine * resources + resource] ?? 0;
  });
  let mean = 0;
  for (let host = 0; host < hosts; host++) {
    const most = capacity[host * resources + resource] ?? Infinity;
    if (most < Infinity) mean += most / hosts;
  }
  return { wanted, mean: mean > 0 ? mean : 1 };
}

/** Rules of the machines that wait, those of the knot first. */
function rulesOf({ instance, target }: Problem, { knot, reached }: Stuck): readonly Rule[] {
  const waiting = [...reached.keys()].filter((machine) => reached[machine] !== target[machine]);
  const found = new Set<Rule>();
  for (const machine of [...knot.machines, ...waiting]) {
    for (const rule of instance.rules) if (rule.members.includes(machine)) found.add(rule);
  }
  return [...found];
}
