import type { BtrInstance } from '../formats/btrplace.js';
import type { Action, Arrival } from './action.js';
import { Guards } from './guards.js';
import { Room } from './room.js';
import type { MachineTask, Task } from './task.js';

/** The plan of a placement: every action as early as it can be; `stuck` tells of what could not be done at all, `unmoved` is who did not arrive. */
export interface Ordered {
  readonly actions: readonly Action[];
  /** Migrations by way of a third node, to break a cycle. */
  readonly bypasses: number;
  readonly stuck: readonly string[];
  readonly unmoved: readonly Arrival[];
}

/**
 * Event-driven list scheduling. An arrival begins when its node is online, has room for what the machine will hold, and no continuous
 * constraint objects; its source holds what it held until the end. Since the last state fits, an arrival takes no room that another one
 * could never do without, so that the order matters for time alone, and whatever cannot go on stands in a cycle. There a machine makes
 * way by a third node.
 */
export function order(instance: BtrInstance, task: Task, target: ReadonlyMap<number, number>): Ordered {
  return new Scheduler(instance, task, target).run();
}

class Scheduler {
  readonly #actions: Action[] = [];
  readonly #guards: Guards;
  readonly #indexOf: ReadonlyMap<number, number>;
  readonly #room: Room;
  readonly #ready: Uint8Array;
  readonly #occupants: Int32Array;
  readonly #waiting: Arrival[][];
  readonly #growing: number[][];
  readonly #powerOn: number[] = [];
  readonly #powerOff: Uint8Array;
  readonly #leaving = new Map<number, number[]>();
  readonly #bypassed = new Map<number, number>();
  /** Times to come, each with what is then done. */
  readonly #agenda = new Map<number, (() => void)[]>();
  readonly #touched = new Set<number>();
  #now = 0;
  #bypasses = 0;

  constructor(
    readonly instance: BtrInstance,
    readonly task: Task,
    readonly target: ReadonlyMap<number, number>,
  ) {
    const { nodes, machines } = instance;
    this.#indexOf = new Map(nodes.map((node, index) => [node, index]));
    this.#guards = new Guards(instance, task);
    this.#room = new Room(instance, task, this.#indexOf);
    this.#ready = Uint8Array.from(nodes, (node) => (instance.online.has(node) ? 1 : 0));
    this.#occupants = new Int32Array(nodes.length);
    this.#waiting = nodes.map(() => []);
    this.#growing = nodes.map(() => []);
    this.#powerOff = new Uint8Array(nodes.length);
    for (const [machine, state] of machines) {
      if (state.kind === 'ready') continue;
      const at = this.#at(state.node);
      this.#occupants[at] = (this.#occupants[at] ?? 0) + 1;
      if (state.kind === 'running') this.#room.hold(machine, at, 'now', 1);
    }
  }

  run(): Ordered {
    this.#collect();
    for (let n = 0; n < this.#ready.length; n++) this.#touched.add(n);
    for (;;) {
      this.#progress();
      const next = Math.min(...this.#agenda.keys());
      if (next === Infinity) {
        if (this.#makeWay()) continue;
        break;
      }
      this.#now = next;
      const due = this.#agenda.get(next) ?? [];
      this.#agenda.delete(next);
      for (const act of due) act();
    }
    const unmoved = this.#waiting.flat();
    const stuck = [
      ...unmoved.map(({ machine, id, to }) => `${id} of machine ${machine} to node ${to} finds no moment`),
      ...this.#growing.flat().map((machine) => `machine ${machine} cannot be given what it is to have`),
      ...this.#powerOn.map((node) => `node ${node} cannot be switched on`),
      ...this.instance.nodes
        .filter((_, n) => this.#powerOff[n] === 1)
        .map((node) => `node ${node} never becomes empty`),
    ];
    this.#actions.sort((a, b) => a.start - b.start || a.end - b.end);
    return { actions: this.#actions, bypasses: this.#bypasses, stuck, unmoved };
  }

  /** Everything that has to be done; what needs nobody's leave begins at once. */
  #collect(): void {
    const { instance, task, target } = this;
    const used = new Set(target.values());
    for (const [node, { online, next }] of task.nodes) {
      if (online && next === 'offline') this.#powerOff[this.#at(node)] = 1;
      if (!online && (next === 'online' || (next === 'free' && used.has(node)))) this.#powerOn.push(node);
    }
    for (const [machine, { now, next }] of task.machines) {
      const seconds = (action: string) => instance.durations.ofMachine(machine, action);
      if (next === 'running') {
        const to = target.get(machine);
        if (to === undefined) continue;
        if (now.kind === 'ready') this.#wait({ machine, id: 'bootVM', from: -1, to, seconds: seconds('boot') });
        else if (now.kind === 'sleeping')
          this.#wait({ machine, id: 'resumeVM', from: now.node, to, seconds: seconds('resume') });
        else if (now.node !== to)
          this.#wait({ machine, id: 'migrateVM', from: now.node, to, seconds: seconds('migrate') });
        else if (this.#room.changes(machine).length > 0) this.#growing[this.#at(to)]?.push(machine);
      } else if (next !== now.kind) this.#end(machine, task.machines.get(machine), next, seconds);
    }
    for (const list of this.#waiting) list.sort((a, b) => b.seconds - a.seconds || a.machine - b.machine);
  }

  /** A machine stops: nothing has to be waited for. */
  #end(machine: number, of: MachineTask | undefined, next: string, seconds: (action: string) => number): void {
    const now = of?.now;
    const action = next === 'killed' ? 'kill' : next === 'ready' ? 'shutdown' : 'suspend';
    const end = this.#now + seconds(action);
    const span = { vm: machine, start: this.#now, end };
    if (now === undefined || now.kind === 'ready') {
      this.#actions.push({ id: 'killVM', ...span });
      return;
    }
    if (action === 'suspend') this.#actions.push({ id: 'suspendVM', ...span, from: now.node, to: now.node });
    else this.#actions.push({ id: action === 'kill' ? 'killVM' : 'shutdownVM', ...span, on: now.node });
    this.#later(end, () => this.#leave(machine, now.node, now.kind === 'running', action !== 'suspend'));
  }

  #wait(arrival: Arrival): void {
    this.#waiting[this.#at(arrival.to)]?.push(arrival);
    if (arrival.id !== 'migrateVM') return;
    const list = this.#leaving.get(arrival.from);
    if (list === undefined) this.#leaving.set(arrival.from, [arrival.machine]);
    else list.push(arrival.machine);
  }

  /** Begins whatever can begin, at the nodes where something has changed. */
  #progress(): void {
    this.#powerOn.splice(0, Infinity, ...this.#powerOn.filter((node) => !this.#switchOn(node)));
    while (this.#touched.size > 0) {
      const nodes = [...this.#touched].sort((a, b) => a - b);
      this.#touched.clear();
      for (const n of nodes) {
        this.#growing[n] = (this.#growing[n] ?? []).filter((machine) => !this.#grow(machine, n));
        const waiting = this.#waiting[n] ?? [];
        if (waiting.length > 0) this.#waiting[n] = waiting.filter((arrival) => !this.#begin(arrival, n));
        if (this.#powerOff[n] === 1 && this.#occupants[n] === 0) this.#switchOff(n);
      }
    }
  }

  #begin(arrival: Arrival, n: number): boolean {
    const { machine, id, from, to, seconds } = arrival;
    if (this.#ready[n] !== 1 || !this.#room.fits(machine, n, 'next') || !this.#guards.admits(machine, to)) return false;
    const [start, end] = [this.#now, this.#now + seconds];
    this.#come(machine, n, 'next');
    const hooks = this.#allocations(machine, id === 'migrateVM' ? 'POST' : 'PRE');
    if (id === 'bootVM') this.#actions.push({ id, vm: machine, to, start, end, ...hooks });
    else this.#actions.push({ id, vm: machine, from, to, start, end, ...hooks });
    if (id === 'migrateVM') this.#later(end, () => this.#leave(machine, from, true, true));
    else if (id === 'resumeVM') this.#later(end, () => this.#leave(machine, from, false, true));
    else this.#later(end, () => undefined);
    return true;
  }

  #grow(machine: number, n: number): boolean {
    if (!this.#room.fitsMore(machine, n)) return false;
    const on = this.instance.nodes[n] ?? -1;
    this.#room.hold(machine, n, 'now', -1);
    this.#room.hold(machine, n, 'next', 1);
    for (const { rc, amount } of this.#room.changes(machine)) {
      this.#actions.push({ id: 'allocate', vm: machine, on, rc, amount, start: this.#now, end: this.#now });
    }
    return true;
  }

  #switchOn(node: number): boolean {
    if (!this.#guards.admitsPower(node)) return false;
    const end = this.#now + this.instance.durations.ofNode(node, 'boot');
    this.#guards.power(node, true);
    this.#actions.push({ id: 'bootNode', node, start: this.#now, end });
    this.#later(end, () => {
      this.#ready[this.#at(node)] = 1;
      this.#touched.add(this.#at(node));
    });
    return true;
  }

  #switchOff(n: number): void {
    const node = this.instance.nodes[n] ?? -1;
    const end = this.#now + this.instance.durations.ofNode(node, 'shutdown');
    this.#powerOff[n] = 0;
    this.#ready[n] = 0;
    this.#actions.push({ id: 'shutdownNode', node, start: this.#now, end });
    this.#later(end, () => this.#guards.power(node, false));
  }

  /** Opens a cycle: the smallest machine that could leave a full node makes way to a third node with room to spare. */
  #makeWay(): boolean {
    let best: { readonly arrival: Arrival; readonly way: number; readonly price: number } | null = null;
    for (const waiting of this.#waiting) {
      for (const arrival of waiting) {
        if (arrival.id !== 'migrateVM' || (this.#bypassed.get(arrival.machine) ?? 0) > 1) continue;
        const source = this.#at(arrival.from);
        if (
          (this.#waiting[source]?.length ?? 0) +
            (this.#growing[source]?.length ?? 0) +
            (this.#powerOff[source] ?? 0) ===
          0
        )
          continue;
        const way = this.#wayFor(arrival);
        if (way < 0) continue;
        const price = arrival.seconds + (this.#bypassed.get(arrival.machine) ?? 0) * 1e6;
        if (best === null || price < best.price) best = { arrival, way, price };
      }
    }
    if (best === null) return false;
    const { arrival, way } = best;
    const { machine, from, to, seconds } = arrival;
    const via = this.instance.nodes[way] ?? -1;
    this.#bypasses++;
    this.#bypassed.set(machine, (this.#bypassed.get(machine) ?? 0) + 1);
    this.#waiting[this.#at(to)] = (this.#waiting[this.#at(to)] ?? []).filter((other) => other !== arrival);
    this.#come(machine, way, 'now');
    this.#actions.push({ id: 'migrateVM', vm: machine, from, to: via, start: this.#now, end: this.#now + seconds });
    this.#later(this.#now + seconds, () => {
      this.#leave(machine, from, true, true);
      this.#waiting[this.#at(to)]?.push({ ...arrival, from: via });
      this.#touched.add(this.#at(to));
    });
    return true;
  }

  /** The node with room for a machine on its way, least wanted by others; -1: none. */
  #wayFor({ machine, from, to }: Arrival): number {
    const mask = this.task.classes[this.task.machines.get(machine)?.placeClass ?? 0];
    let best = -1;
    let least = Infinity;
    for (let n = 0; n < this.#ready.length; n++) {
      const node = this.instance.nodes[n] ?? -1;
      const wanted = (this.#waiting[n]?.length ?? 0) + (this.#growing[n]?.length ?? 0);
      if (
        wanted >= least ||
        node === from ||
        node === to ||
        mask?.[n] !== 1 ||
        this.#ready[n] !== 1 ||
        this.#powerOff[n] === 1
      )
        continue;
      if (!this.#room.fits(machine, n, 'now') || !this.#guards.admits(machine, node)) continue;
      best = n;
      least = wanted;
      if (wanted === 0) break;
    }
    return best;
  }

  #come(machine: number, n: number, what: 'now' | 'next'): void {
    this.#room.hold(machine, n, what, 1);
    this.#occupants[n] = (this.#occupants[n] ?? 0) + 1;
    this.#guards.arrive(machine, this.instance.nodes[n] ?? -1);
  }

  /** A machine has gone from a node: what it held is free, and whoever waits may try. */
  #leave(machine: number, node: number, held: boolean, gone: boolean): void {
    const n = this.#at(node);
    if (gone) this.#occupants[n] = (this.#occupants[n] ?? 0) - 1;
    if (held) {
      this.#room.hold(machine, n, 'now', -1);
      this.#guards.leave(machine, node);
    }
    this.#touched.add(n);
    // A constraint about several nodes may let others go on, wherever they wait.
    if (this.instance.constraints.some((constraint) => constraint.kind !== 'preserve' && constraint.continuous)) {
      this.#waiting.forEach((list, other) => list.length > 0 && this.#touched.add(other));
    }
  }

  #allocations(machine: number, hook: 'PRE' | 'POST'): Pick<Action, 'hooks'> {
    const changes = this.#room.changes(machine);
    return changes.length === 0 ? {} : { hooks: { PRE: [], POST: [], [hook]: changes } };
  }

  #later(time: number, act: () => void): void {
    const due = this.#agenda.get(time);
    if (due === undefined) this.#agenda.set(time, [act]);
    else due.push(act);
  }

  #at(node: number): number {
    return this.#indexOf.get(node) ?? -1;
  }
}
