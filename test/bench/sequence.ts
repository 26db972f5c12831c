import { useOf } from '../../src/planner/engine/evaluate.js';
import { State } from '../../src/planner/engine/state.js';
import type { Packed } from './formats/hbal.js';

export interface Sequence {
  /** Machines in the order in which they can move, one after the other, each straight to its place in `assignment`. */
  readonly order: readonly number[];
  /** Machines that stay after all, because no order lets them through. */
  readonly kept: readonly number[];
  /** What is reached by the moves in their order. */
  readonly assignment: Int32Array;
}

/**
 * Orders the moves of an assignment so that each finds room when it comes: no capacity is exceeded at any step, and nobody who does not
 * flee comes to a host where one of his company is. Moves that wait for each other in a circle are given up, the least useful first, until the rest goes.
 */
export function sequence(instance: Packed, assignment: Int32Array): Sequence {
  const { origin } = instance;
  const now = new Now(instance);
  const goal = new State(instance, assignment);
  const order: number[] = [];
  const kept: number[] = [];
  const movers = Array.from(assignment.keys()).filter((machine) => assignment[machine] !== origin[machine]);
  // What flees makes room where nobody comes, and may come where the others could come no more.
  for (const flees of [0, 1]) {
    let waiting = movers.filter((machine) => instance.fleeing[machine] === flees);
    while (waiting.length > 0) {
      const still = waiting.filter((machine) => {
        if (!now.admits(machine, goal.place[machine] ?? -1)) return true;
        now.move(machine, goal.place[machine] ?? -1);
        order.push(machine);
        return false;
      });
      if (still.length === waiting.length) {
        const loss = (machine: number) => goal.shiftDelta(machine, origin[machine] ?? -1);
        const least = still.reduce((best, machine) => (loss(machine) < loss(best) ? machine : best));
        goal.shift(least, origin[least] ?? -1);
        kept.push(least);
        waiting = still.filter((machine) => machine !== least);
      } else waiting = still;
    }
  }
  return { order, kept, assignment: goal.place.slice() };
}

/** What is used and who is where while the moves are made. */
class Now {
  readonly #use: Float64Array;
  readonly #place: Int32Array;
  readonly #setsOf = new Map<number, number[]>();
  readonly #present: Map<number, number>[];

  constructor(private readonly instance: Packed) {
    this.#use = useOf(instance, instance.origin);
    this.#place = instance.origin.slice();
    this.#present = instance.objectives.company.map(({ members }, set) => {
      const counts = new Map<number, number>();
      for (const machine of members) {
        const sets = this.#setsOf.get(machine);
        if (sets === undefined) this.#setsOf.set(machine, [set]);
        else sets.push(set);
        const place = instance.origin[machine] ?? -1;
        counts.set(place, (counts.get(place) ?? 0) + 1);
      }
      return counts;
    });
  }

  admits(machine: number, to: number): boolean {
    const { resources, demand, fleeing, usual } = this.instance;
    const flees = fleeing[machine] === 1;
    const capacity = flees ? this.instance.capacity : usual;
    for (let r = 0; r < resources; r++) {
      const more = demand[machine * resources + r] ?? 0;
      const at = to * resources + r;
      if (more > 0 && (this.#use[at] ?? 0) + more > (capacity[at] ?? Infinity)) return false;
    }
    return flees || (this.#setsOf.get(machine) ?? []).every((set) => (this.#present[set]?.get(to) ?? 0) === 0);
  }

  move(machine: number, to: number): void {
    const { resources, demand } = this.instance;
    const from = this.#place[machine] ?? -1;
    for (let r = 0; r < resources; r++) {
      const amount = demand[machine * resources + r] ?? 0;
      this.#use[from * resources + r] = (this.#use[from * resources + r] ?? 0) - amount;
      this.#use[to * resources + r] = (this.#use[to * resources + r] ?? 0) + amount;
    }
    for (const set of this.#setsOf.get(machine) ?? []) {
      const counts = this.#present[set];
      counts?.set(from, (counts.get(from) ?? 0) - 1);
      counts?.set(to, (counts.get(to) ?? 0) + 1);
    }
    this.#place[machine] = to;
  }
}
