import type { Instance } from '../../../src/planner/engine/instance.js';
import type { BtrInstance } from '../formats/btrplace.js';
import { Domains } from './domains.js';
import { capacitiesOf, rulesOf } from './rules.js';
import type { MachineTask, Task } from './task.js';

/** A task as a problem of the engine: hosts are the nodes that may be online at the end, machines those that run at the end. */
export interface Packed {
  readonly instance: Instance;
  /** Host → node, machine → virtual machine. */
  readonly nodeOf: readonly number[];
  readonly machineOf: readonly number[];
  /** Machines that run now and cannot stay where they are: on a node that goes off, outside a fence. */
  readonly leaving: readonly number[];
  /** Machines whose demand grows where they are. */
  readonly growing: Uint8Array;
}

/** A migration costs this, and a little for each second; a machine that is given more anyway loses its other action when it moves. */
const MOVE = 1;
const SECOND = 0.001;
const QUIET = 0.3;
/** A node that must be switched on for the placement costs as much as a migration, and the machines on it wait for it. */
const OPENED = 1.5;
/** A machine that finds no place: more than all else together. */
const UNPLACED = 1e4;

/** Machine → nodes to which it may not come, beside those that its class forbids. */
export type Barred = ReadonlyMap<number, ReadonlySet<number>>;

/** Packs the task. Machines that must leave have no origin in the problem: to come somewhere costs them nothing. */
export function pack(btr: BtrInstance, task: Task, barred: Barred): Packed {
  const nodeOf = btr.nodes.filter((node) => task.nodes.get(node)?.next !== 'offline');
  const hostOf = new Map(nodeOf.map((node, host) => [node, host]));
  const entries = [...task.machines].filter(([, { next }]) => next === 'running').sort(([a], [b]) => a - b);
  const machineOf = entries.map(([id]) => id);
  const indexOf = new Map(machineOf.map((id, machine) => [id, machine]));
  const [hosts, machines] = [nodeOf.length, machineOf.length];
  // One resource more counts machines, for limits of single nodes.
  const resources = btr.resources.length + 1;
  const nodeIndex = new Map(btr.nodes.map((node, index) => [node, index]));
  const isAllowed = ({ placeClass }: MachineTask, node: number) =>
    task.classes[placeClass]?.[nodeIndex.get(node) ?? -1] === 1;

  const nothing: ReadonlySet<number> = new Set();
  const rows = task.classes.map((mask) => ({ mask, without: nothing }));
  const rowOf = (id: number, placeClass: number) => {
    const without = barred.get(id);
    const mask = task.classes[placeClass];
    return without === undefined || mask === undefined ? placeClass : rows.push({ mask, without }) - 1;
  };

  const origin = new Int32Array(machines).fill(-1);
  const leaving: number[] = [];
  const [fixed, growing] = [new Uint8Array(machines), new Uint8Array(machines)];
  const demand = new Float64Array(machines * resources);
  const moved = new Float64Array(machines);
  const classOf = new Int32Array(machines);
  entries.forEach(([id, machine], index) => {
    machine.demand.forEach(({ now, next }, r) => {
      demand[index * resources + r] = next;
      if (machine.now.kind === 'running' && next > now) growing[index] = 1;
    });
    demand[index * resources + resources - 1] = 1;
    classOf[index] = rowOf(id, machine.placeClass);
    moved[index] = MOVE + SECOND * btr.durations.ofMachine(id, 'migrate') + (growing[index] === 1 ? 0 : QUIET);
    if (machine.now.kind !== 'running') return;
    const host = isAllowed(machine, machine.now.node) ? hostOf.get(machine.now.node) : undefined;
    if (host === undefined) leaving.push(index);
    else origin[index] = host;
    if (machine.rooted && host !== undefined) fixed[index] = 1;
  });

  const domains = new Domains(hosts);
  const rules = rulesOf(btr, { hostOf, indexOf, demand, resources, domains });

  const cost = new Float64Array(rows.length * hosts);
  rows.forEach(({ mask, without }, row) => {
    nodeOf.forEach((node, host) => {
      const isOpen = mask[nodeIndex.get(node) ?? -1] === 1 && !without.has(node);
      cost[row * hosts + host] = isOpen ? 0 : Infinity;
    });
  });
  const opened = new Float64Array(hosts);
  nodeOf.forEach((node, host) => {
    const { online = true, next = 'online' } = task.nodes.get(node) ?? {};
    if (!online && next === 'free') opened[host] = OPENED + SECOND * btr.durations.ofNode(node, 'boot');
  });
  const instance: Instance = {
    hosts,
    places: hosts,
    machines,
    resources,
    hostOf: Int32Array.from({ length: hosts }, (_, host) => host),
    origin,
    fixed,
    demand,
    capacity: capacitiesOf(btr, nodeOf, resources),
    base: new Float64Array(hosts * resources),
    transient: new Uint8Array(resources),
    unary: rows.length === 1 ? null : { classOf, cost, staying: new Float64Array(machines) },
    rules,
    domains: domains.list,
    objectives: {
      excess: null,
      balance: [],
      deviation: [],
      quadratic: [],
      company: [],
      moved,
      movedTogether: null,
      crossing: null,
      opened: opened.some((price) => price > 0) ? opened : null,
      slots: [],
      unplaced: new Float64Array(machines).fill(UNPLACED),
    },
  };
  return { instance, nodeOf, machineOf, leaving, growing };
}
