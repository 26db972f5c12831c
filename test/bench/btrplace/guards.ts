import type { BtrInstance } from '../formats/btrplace.js';
import type { Task } from './task.js';

/** A continuous constraint while machines move: one that migrates counts at both of its nodes. */
interface Guard {
  readonly admits: (machine: number, node: number) => boolean;
  readonly change: (machine: number, node: number, by: 1 | -1) => void;
}

/**
 * The continuous constraints that an arrival can break. The others bind targets alone, and are settled before a placement is looked for.
 */
export class Guards {
  readonly #of = new Map<number, Guard[]>();
  readonly #everywhere: Guard[] = [];
  readonly #power: { readonly nodes: ReadonlySet<number>; readonly most: number }[] = [];
  readonly #on: Set<number>;

  constructor({ constraints, resources, machines, online }: BtrInstance, task: Task) {
    this.#on = new Set(online);
    for (const constraint of constraints) {
      if (constraint.kind === 'preserve' || !constraint.continuous) continue;
      if (constraint.kind === 'spread') this.#watch(constraint.machines, apart());
      else if (constraint.kind === 'split') this.#watch(constraint.groups.flat(), separate(labels(constraint.groups)));
      else if (constraint.kind === 'lonely') this.#everywhere.push(separate(labels([constraint.machines])));
      else if (constraint.kind === 'maxOnline')
        this.#power.push({ nodes: new Set(constraint.nodes), most: constraint.amount });
      else if (constraint.kind === 'runningCapacity') {
        this.#everywhere.push(limited(new Set(constraint.nodes), constraint.amount, () => 1));
      } else if (constraint.kind === 'resourceCapacity') {
        const r = resources.findIndex(({ name }) => name === constraint.resource);
        const size = (machine: number) => {
          const { now = 0, next = 0 } = task.machines.get(machine)?.demand[r] ?? {};
          return Math.max(now, next);
        };
        this.#everywhere.push(limited(new Set(constraint.nodes), constraint.amount, size));
      }
    }
    for (const [machine, state] of machines) if (state.kind === 'running') this.arrive(machine, state.node);
  }

  /** Whether a machine may begin to come to a node. */
  admits(machine: number, node: number): boolean {
    return this.#all(machine).every((guard) => guard.admits(machine, node));
  }

  arrive(machine: number, node: number): void {
    for (const guard of this.#all(machine)) guard.change(machine, node, 1);
  }

  leave(machine: number, node: number): void {
    for (const guard of this.#all(machine)) guard.change(machine, node, -1);
  }

  /** Whether a node may be switched on now. */
  admitsPower(node: number): boolean {
    return this.#power.every(
      ({ nodes, most }) => !nodes.has(node) || [...nodes].filter((other) => this.#on.has(other)).length < most,
    );
  }

  power(node: number, on: boolean): void {
    if (on) this.#on.add(node);
    else this.#on.delete(node);
  }

  #watch(machines: readonly number[], guard: Guard): void {
    for (const machine of machines) this.#of.set(machine, [...(this.#of.get(machine) ?? []), guard]);
  }

  #all(machine: number): readonly Guard[] {
    const own = this.#of.get(machine) ?? [];
    return this.#everywhere.length === 0 ? own : [...own, ...this.#everywhere];
  }
}

function apart(): Guard {
  const there = new Map<number, number>();
  return {
    admits: (_, node) => (there.get(node) ?? 0) === 0,
    change: (_, node, by) => there.set(node, (there.get(node) ?? 0) + by),
  };
}

/** Machines of one label keep a node for themselves; those in no group have a label in common. */
function separate(labelOf: ReadonlyMap<number, number>): Guard {
  const there = new Map<number, Map<number, number>>();
  return {
    admits: (machine, node) => {
      const own = labelOf.get(machine) ?? -1;
      return [...(there.get(node) ?? [])].every(([label, count]) => label === own || count === 0);
    },
    change: (machine, node, by) => {
      const counts = there.get(node) ?? new Map<number, number>();
      const label = labelOf.get(machine) ?? -1;
      counts.set(label, (counts.get(label) ?? 0) + by);
      there.set(node, counts);
    },
  };
}

function labels(groups: readonly (readonly number[])[]): ReadonlyMap<number, number> {
  return new Map(groups.flatMap((group, label) => group.map((machine) => [machine, label] as const)));
}

/** A limit of what machines on some nodes use together; a machine that moves between two of them counts once. */
function limited(nodes: ReadonlySet<number>, most: number, size: (machine: number) => number): Guard {
  const there = new Map<number, number>();
  let sum = 0;
  return {
    admits: (machine, node) => !nodes.has(node) || (there.get(machine) ?? 0) > 0 || sum + size(machine) <= most,
    change: (machine, node, by) => {
      if (!nodes.has(node)) return;
      const before = there.get(machine) ?? 0;
      there.set(machine, before + by);
      if (before === 0 || before + by === 0) sum += by * size(machine);
    },
  };
}
