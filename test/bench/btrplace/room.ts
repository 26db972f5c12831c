import type { BtrInstance } from '../formats/btrplace.js';
import type { Allocation } from './action.js';
import type { MachineTask, Task } from './task.js';

/** What machines hold of each node while a plan is made, and what the node has. Nodes go by their index. */
export class Room {
  readonly #capacity: Float64Array;
  readonly #held: Float64Array;
  readonly #resources: number;

  constructor(
    private readonly instance: BtrInstance,
    private readonly task: Task,
    indexOf: ReadonlyMap<number, number>,
  ) {
    const { nodes, resources, constraints } = instance;
    const R = (this.#resources = resources.length);
    this.#held = new Float64Array(nodes.length * R);
    this.#capacity = new Float64Array(nodes.length * R);
    nodes.forEach((node, n) =>
      resources.forEach(({ capacityOf }, r) => (this.#capacity[n * R + r] = capacityOf(node))),
    );
    const ratios = new Map<number, number>();
    for (const constraint of constraints) {
      if (constraint.kind !== 'overbook') continue;
      const resource = resources.findIndex(({ name }) => name === constraint.resource);
      const at = (indexOf.get(constraint.node) ?? -1) * R + resource;
      ratios.set(at, Math.min(ratios.get(at) ?? Infinity, constraint.ratio));
    }
    for (const [at, ratio] of ratios) this.#capacity[at] = (this.#capacity[at] ?? 0) * ratio;
  }

  /** Whether a machine that is elsewhere fits, with what it holds now or with what it is to hold. */
  fits(machine: number, n: number, what: 'now' | 'next'): boolean {
    return this.#demand(machine).every((demand, r) => {
      const at = n * this.#resources + r;
      return demand[what] === 0 || (this.#held[at] ?? 0) + demand[what] <= (this.#capacity[at] ?? 0) + 1e-9;
    });
  }

  /** Whether a machine that is there can be given what it is to hold. */
  fitsMore(machine: number, n: number): boolean {
    return this.#demand(machine).every(({ now, next }, r) => {
      const at = n * this.#resources + r;
      return next <= now || (this.#held[at] ?? 0) + next - now <= (this.#capacity[at] ?? 0) + 1e-9;
    });
  }

  hold(machine: number, n: number, what: 'now' | 'next', sign: 1 | -1): void {
    this.#demand(machine).forEach((demand, r) => {
      const at = n * this.#resources + r;
      this.#held[at] = (this.#held[at] ?? 0) + sign * demand[what];
    });
  }

  /** What a machine is given that it does not hold yet. */
  changes(machine: number): readonly Allocation[] {
    return this.#demand(machine).flatMap(({ now, next }, r) => {
      const rc = this.instance.resources[r]?.name ?? '';
      return next > now ? [{ id: 'allocate' as const, rc, vm: machine, amount: next }] : [];
    });
  }

  #demand(machine: number): MachineTask['demand'] {
    return this.task.machines.get(machine)?.demand ?? [];
  }
}
