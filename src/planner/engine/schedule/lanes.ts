import type { Problem } from './problem.js';

/** Rounding of sums of rates. */
const SLACK = 1e-9;

/** Counters of moves that run at once: streams of hosts, uplinks, the cluster, budgets of groups. */
export class Lanes {
  readonly #problem: Problem;
  readonly #used: Float64Array;
  readonly #most: Float64Array;
  /** First counter of each kind; a host has three counters, a unit of a link three, then the cluster, then the budgets. */
  readonly #linkAt: readonly number[];
  readonly #clusterAt: number;
  readonly #budgetsOf: readonly (readonly number[])[];
  /** What the move asked for last takes. */
  readonly #ids: number[] = [];
  readonly #amounts: number[] = [];

  constructor(problem: Problem) {
    this.#problem = problem;
    const { hosts, machines } = problem.instance;
    const { into, outOf, touching, cluster, links } = problem.limits;
    const most: number[] = [];
    for (let host = 0; host < hosts; host++)
      most.push(into[host] ?? Infinity, outOf[host] ?? Infinity, touching[host] ?? Infinity);
    this.#linkAt = links.map((link) => {
      const first = most.length;
      link.moves.forEach((moves, unit) => {
        const mibps = link.mibps[unit] ?? Infinity;
        most.push(moves, mibps, mibps);
      });
      return first;
    });
    this.#clusterAt = most.push(cluster) - 1;
    const budgetsOf: number[][] = Array.from({ length: machines }, () => []);
    for (const { members, most: moving } of problem.budgets) {
      const id = most.push(moving) - 1;
      for (const machine of members) budgetsOf[machine]?.push(id);
    }
    this.#budgetsOf = budgetsOf;
    this.#most = Float64Array.from(most);
    this.#used = new Float64Array(most.length);
  }

  /** Number of counters. */
  get count(): number {
    return this.#most.length;
  }

  /** The counter that keeps a move from starting now; -1 when none does. Host counters are below `3 × hosts`. */
  full(machine: number, from: number, to: number): number {
    this.#ask(machine, from, to);
    for (let i = 0; i < this.#ids.length; i++) {
      const id = this.#ids[i] ?? 0;
      const most = this.#most[id] ?? Infinity;
      if ((this.#used[id] ?? 0) + (this.#amounts[i] ?? 0) > most * (1 + SLACK)) return id;
    }
    return -1;
  }

  take(machine: number, from: number, to: number): void {
    this.#ask(machine, from, to);
    this.#ids.forEach((id, i) => (this.#used[id] = (this.#used[id] ?? 0) + (this.#amounts[i] ?? 0)));
  }

  /** Gives back; answers with the counters, valid until the next call. */
  give(machine: number, from: number, to: number): readonly number[] {
    this.#ask(machine, from, to);
    this.#ids.forEach((id, i) => (this.#used[id] = (this.#used[id] ?? 0) - (this.#amounts[i] ?? 0)));
    return this.#ids;
  }

  isFull(id: number): boolean {
    return (this.#used[id] ?? 0) >= (this.#most[id] ?? Infinity);
  }

  #ask(machine: number, fromPlace: number, toPlace: number): void {
    const { instance, limits } = this.#problem;
    const from = fromPlace < 0 ? -1 : (instance.hostOf[fromPlace] ?? -1);
    const to = toPlace < 0 ? -1 : (instance.hostOf[toPlace] ?? -1);
    this.#ids.length = 0;
    this.#amounts.length = 0;
    if (to >= 0) this.#add(3 * to, 1);
    if (from >= 0) this.#add(3 * from + 1, 1);
    if (from >= 0) this.#add(3 * from + 2, 1);
    if (to >= 0 && to !== from) this.#add(3 * to + 2, 1);
    limits.links.forEach((link, index) => {
      const first = this.#linkAt[index] ?? 0;
      const left = from < 0 ? -1 : (link.of[from] ?? -1);
      const entered = to < 0 ? -1 : (link.of[to] ?? -1);
      if (left >= 0) this.#add(first + 3 * left, 1);
      if (entered >= 0 && entered !== left) this.#add(first + 3 * entered, 1);
      if (left === entered || from < 0) return;
      const rate = link.rate[machine] ?? 0;
      if (left >= 0) this.#add(first + 3 * left + 1, rate);
      if (entered >= 0) this.#add(first + 3 * entered + 2, rate);
    });
    this.#add(this.#clusterAt, 1);
    for (const id of this.#budgetsOf[machine] ?? []) this.#add(id, 1);
  }

  #add(id: number, amount: number): void {
    const most = this.#most[id] ?? Infinity;
    if (most === Infinity) return;
    this.#ids.push(id);
    this.#amounts.push(Math.min(amount, most));
  }
}
