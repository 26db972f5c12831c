import type { Random } from '../../../src/planner/engine/random.js';
import type { Constraint } from '../formats/btrplace-constraints.js';
import type { BtrInstance, MachineState } from '../formats/btrplace.js';

/** What every node and machine is to be after the last action, as far as the constraints say it without a search. */
export interface Task {
  readonly nodes: ReadonlyMap<number, NodeTask>;
  readonly machines: ReadonlyMap<number, MachineTask>;
  /** Where machines of a class may run: class → 1 for each node (by its index in the instance) that is allowed. Class 0 is free. */
  readonly classes: readonly Uint8Array[];
  /** Why no plan can be made, whatever the placement; empty for most. */
  readonly impossible: readonly string[];
}

export interface NodeTask {
  readonly online: boolean;
  /** free: online or offline, as the placement needs it. */
  readonly next: 'online' | 'offline' | 'free';
}

export interface MachineTask {
  readonly now: MachineState;
  readonly next: 'running' | 'sleeping' | 'ready' | 'killed';
  /** Where it may run: an index into the classes of the task. */
  readonly placeClass: number;
  /** It may not leave the node where it runs. */
  readonly rooted: boolean;
  /** Resource → what it holds now, and what it is to hold when it runs at the end. */
  readonly demand: readonly { readonly now: number; readonly next: number }[];
}

/** How nodes are chosen that a limit leaves on: by chance the more, the greater the freedom. */
interface NodeChoice {
  readonly random: Random;
  readonly freedom: number;
}

/** Settles states, allowed nodes and demands. */
export function taskOf(instance: BtrInstance, choice: NodeChoice | null = null): Task {
  const { constraints, machines, nodes, online, resources } = instance;
  const impossible: string[] = [];
  const preserved = new Map<string, number>();
  const nextOf = new Map<number, MachineTask['next']>();
  const nodeNext = new Map<number, 'online' | 'offline'>();
  const places = new Places(nodes);
  const rooted = new Set<number>();
  const quarantined = new Set<number>();

  const settle = <K, V>(table: Map<K, V>, key: K, value: V, what: string) => {
    const other = table.get(key);
    if (other !== undefined && other !== value)
      impossible.push(`${what} is to be ${String(other)} and ${String(value)}`);
    table.set(key, value);
  };
  for (const constraint of constraints) {
    switch (constraint.kind) {
      case 'online':
      case 'offline':
        settle(nodeNext, constraint.node, constraint.kind, `node ${constraint.node}`);
        break;
      case 'running':
      case 'ready':
      case 'sleeping':
      case 'killed':
        settle(nextOf, constraint.machine, constraint.kind, `machine ${constraint.machine}`);
        break;
      case 'root':
        rooted.add(constraint.machine);
        break;
      case 'quarantine':
        quarantined.add(constraint.node);
        break;
      case 'preserve': {
        const key = `${constraint.machine} ${constraint.resource}`;
        preserved.set(key, Math.max(preserved.get(key) ?? 0, constraint.amount));
        break;
      }
      case 'fence':
      case 'ban':
        places.restrict([constraint.machine], constraint.kind === 'fence', constraint.nodes);
        break;
      case 'among':
      case 'splitAmong': {
        const all = constraint.parts.flat();
        const groups = constraint.kind === 'among' ? [constraint.machines] : constraint.groups;
        for (const group of groups) {
          const part = constraint.continuous ? currentPart(group, constraint.parts, machines) : null;
          places.restrict(group, true, part ?? all);
        }
        break;
      }
      case 'gather':
        if (constraint.continuous) {
          const first = constraint.machines.flatMap((id) => runningOn(machines.get(id)))[0];
          if (first !== undefined) places.restrict(constraint.machines, true, [first]);
        }
        break;
      case 'lonely':
      case 'spread':
      case 'split':
      case 'overbook':
      case 'resourceCapacity':
      case 'runningCapacity':
      case 'maxOnline':
        break;
    }
  }
  if (quarantined.size > 0) {
    const strangers = [...machines].filter(([, now]) => now.kind !== 'running' || !quarantined.has(now.node));
    const ids = strangers.map(([machine]) => machine);
    places.restrict(ids, false, [...quarantined]);
  }
  limitOnline(instance, nodeNext, impossible, choice);
  const tasks = new Map<number, MachineTask>();
  for (const [machine, now] of machines) {
    const next = nextOf.get(machine) ?? now.kind;
    if (next === 'sleeping' && now.kind === 'ready')
      impossible.push(`machine ${machine} has never run and cannot sleep`);
    if (next === 'ready' && now.kind === 'sleeping')
      impossible.push(`machine ${machine} sleeps and cannot be shut down`);
    if (next === 'sleeping' && 'node' in now && nodeNext.get(now.node) === 'offline') {
      impossible.push(`machine ${machine} is to sleep on node ${now.node}, which is to be offline`);
    }
    const held = next === 'running' && now.kind === 'running' && (rooted.has(machine) || quarantined.has(now.node));
    if (held && (nodeNext.get(now.node) === 'offline' || !places.admits(machine, now.node))) {
      impossible.push(`machine ${machine} may not leave node ${now.node}, and may not stay there`);
    }
    tasks.set(machine, {
      now,
      next,
      placeClass: places.classOf(machine),
      rooted: held,
      demand: resources.map(({ name, consumptionOf }) => {
        const held = consumptionOf(machine);
        return { now: held, next: Math.max(held, preserved.get(`${machine} ${name}`) ?? 0) };
      }),
    });
  }
  const nodeTasks = new Map<number, NodeTask>();
  for (const node of nodes) nodeTasks.set(node, { online: online.has(node), next: nodeNext.get(node) ?? 'free' });
  return { nodes: nodeTasks, machines: tasks, classes: places.classes, impossible };
}

/** Sets of nodes that machines are held to, each kept once however many constraints name it. */
class Places {
  readonly classes: Uint8Array[];
  readonly #indexOf: ReadonlyMap<number, number>;
  readonly #masks: Uint8Array[] = [];
  readonly #known = new Map<string, number>();
  readonly #of = new Map<number, number[]>();
  readonly #classOf = new Map<string, number>([['', 0]]);

  constructor(nodes: readonly number[]) {
    this.#indexOf = new Map(nodes.map((node, index) => [node, index]));
    this.classes = [new Uint8Array(nodes.length).fill(1)];
  }

  /** Holds machines to the nodes, or keeps them from there. */
  restrict(machines: readonly number[], within: boolean, nodes: readonly number[]): void {
    const key = `${within} ${nodes.join(' ')}`;
    let mask = this.#known.get(key);
    if (mask === undefined) {
      mask = this.#masks.length;
      const table = new Uint8Array(this.#indexOf.size).fill(within ? 0 : 1);
      for (const node of nodes) table[this.#indexOf.get(node) ?? -1] = within ? 1 : 0;
      this.#masks.push(table);
      this.#known.set(key, mask);
    }
    for (const machine of machines) {
      const own = this.#of.get(machine);
      if (own === undefined) this.#of.set(machine, [mask]);
      else if (!own.includes(mask)) own.push(mask);
    }
  }

  admits(machine: number, node: number): boolean {
    return this.classes[this.classOf(machine)]?.[this.#indexOf.get(node) ?? -1] === 1;
  }

  classOf(machine: number): number {
    const own = (this.#of.get(machine) ?? []).sort((a, b) => a - b);
    const known = this.#classOf.get(own.join(' '));
    if (known !== undefined) return known;
    const all = new Uint8Array(this.#indexOf.size).fill(1);
    for (const mask of own)
      this.#masks[mask]?.forEach((allowed, node) => (all[node] = allowed === 1 ? (all[node] ?? 0) : 0));
    this.#classOf.set(own.join(' '), this.classes.length);
    this.classes.push(all);
    return this.classes.length - 1;
  }
}

function runningOn(state: MachineState | undefined): readonly number[] {
  return state?.kind === 'running' ? [state.node] : [];
}

/** The part where a group runs already; null when none of it runs. */
function currentPart(
  group: readonly number[],
  parts: readonly (readonly number[])[],
  machines: ReadonlyMap<number, MachineState>,
): readonly number[] | null {
  const node = group.flatMap((machine) => runningOn(machines.get(machine)))[0];
  return parts.find((nodes) => node !== undefined && nodes.includes(node)) ?? null;
}

/**
 * Decides which nodes a `maxOnline` leaves on: those that must be, then those that hold most machines; the rest goes or stays off.
 * A heuristic, which another choice follows where it leads nowhere; another one may need fewer moves, too.
 */
function limitOnline(
  { constraints, machines, online }: BtrInstance,
  nodeNext: Map<number, 'online' | 'offline'>,
  impossible: string[],
  choice: NodeChoice | null,
): void {
  const held = new Map<number, number>();
  for (const state of machines.values()) {
    if ('node' in state) held.set(state.node, (held.get(state.node) ?? 0) + (state.kind === 'sleeping' ? 1e6 : 1));
  }
  const limits = constraints.filter(
    (constraint): constraint is Extract<Constraint, { kind: 'runningCapacity' | 'maxOnline' }> =>
      constraint.kind === 'maxOnline',
  );
  for (const { nodes, amount } of limits) {
    const order = [...new Set(nodes)].filter((node) => nodeNext.get(node) !== 'offline');
    const rank = (node: number) => {
      if (nodeNext.get(node) === 'online') return 1e12;
      const here = held.get(node) ?? 0;
      if (choice !== null) return here + (online.has(node) ? 2 : 0) + choice.freedom * choice.random.fraction();
      return online.has(node) ? 1e9 + here : 0;
    };
    const ranks = new Map(order.map((node) => [node, rank(node)]));
    order.sort((a, b) => (ranks.get(b) ?? 0) - (ranks.get(a) ?? 0) || a - b);
    for (const node of order.slice(Math.max(0, amount))) {
      if (nodeNext.get(node) === 'online')
        impossible.push(`more than ${amount} nodes must be online where maxOnline allows no more`);
      nodeNext.set(node, 'offline');
    }
  }
}
