import { Attachment } from './attachment.js';
import { byMachine, Company, domainAt } from './company.js';
import type { Instance } from './instance.js';
import { Load } from './load.js';
import { Rules } from './rules.js';

/**
 * An assignment of machines to places, with what it costs and what each change would cost. Nothing here looks at all hosts or all
 * machines, except `reset`: a change costs as many steps as there are resources and groups of the machine.
 *
 * `shiftDelta` and `swapDelta` answer Infinity for what the rules, a capacity or a preference forbid; `shift` and `swap` do what they are
 * told, so that a search can take machines out and find better places for them.
 */
export class State {
  /** machine: where it is; -1: nowhere. Read it, and change it by the methods. */
  readonly place: Int32Array;
  /** place: the machines there, in no order. */
  readonly residents: readonly number[][];
  readonly load: Load;
  /** Machines that ran at the start and are elsewhere now. */
  moves = 0;
  cost = 0;

  private readonly seat: Int32Array;
  private readonly rules: Rules | null;
  private readonly attachment: Attachment;
  private readonly company: Company | null;
  private readonly companyFirst: Int32Array;
  private readonly companySets: Int32Array;
  private readonly companyUnits: readonly Int32Array[];
  private readonly companyStart: Int32Array;
  private readonly companyWeight: Float64Array;
  private readonly inCells: boolean;
  /** There are costs that rows do not know: a row that costs too much may still be worth it. */
  private readonly loose: boolean;

  constructor(
    readonly instance: Instance,
    start: Int32Array = instance.origin,
  ) {
    const { machines, places, hosts, rules, objectives } = instance;
    this.place = new Int32Array(machines);
    this.seat = new Int32Array(machines);
    this.residents = Array.from({ length: places }, () => []);
    this.load = new Load(instance);
    this.rules = rules.length === 0 ? null : new Rules(instance);
    this.attachment = new Attachment(instance);
    this.company = objectives.company.length === 0 ? null : new Company(instance, objectives.company);
    const sets = byMachine(
      machines,
      objectives.company.map(({ members }) => members),
    );
    this.companyFirst = sets.first;
    this.companySets = sets.items;
    this.companyUnits = objectives.company.map(({ domain }) => domainAt(instance, domain).of);
    this.companyWeight = Float64Array.from(objectives.company, ({ weight }) => weight);
    this.companyStart = Int32Array.from(objectives.company, ({ members, domain }) => {
      return this.company?.counts[this.company.countFor(members, domain)]?.start ?? 0;
    });
    this.loose = this.load.deviations !== null || this.company !== null;
    this.inCells = places > hosts;
    this.reset(start);
  }

  /** Takes another assignment, and counts all from nothing: sums of fractions are exact again. */
  reset(assignment: Int32Array): void {
    const { origin, objectives } = this.instance;
    this.place.set(assignment);
    for (const seats of this.residents) seats.length = 0;
    this.moves = 0;
    this.place.forEach((place, machine) => {
      const from = origin[machine] ?? -1;
      if (from >= 0 && from !== place) this.moves++;
      const seats = this.residents[place];
      if (seats === undefined) return;
      this.seat[machine] = seats.length;
      seats.push(machine);
    });
    this.load.reset(this.place);
    this.rules?.reset(this.place);
    this.attachment.reset(this.place);
    this.company?.reset(this.place);
    this.cost = this.load.total() + this.attachment.total();
    objectives.company.forEach(({ domain, weight }, set) => {
      for (let unit = 0; unit < domainAt(this.instance, domain).count; unit++) {
        this.cost += weight * Math.max(0, (this.company?.table[(this.companyStart[set] ?? 0) + unit] ?? 0) - 1);
      }
    });
  }

  /** Cost of a host by its use; deviations belong to no host. */
  hostCost(host: number): number {
    return this.load.costOf[host] ?? 0;
  }

  /**
   * Change of cost when the machine goes to `to` (-1: nowhere); Infinity when it may not. Once the change is sure to exceed `bound`, any
   * number above the bound is returned.
   */
  shiftDelta(machine: number, to: number, bound = Infinity): number {
    const from = this.place[machine] ?? -1;
    if (from === to) return 0;
    return this.enterDelta(machine, to, this.leaveDelta(machine), bound);
  }

  /** The part of each shift of the machine that does not depend on where it goes: what its leaving saves, below 0 mostly. */
  leaveDelta(machine: number): number {
    const from = this.place[machine] ?? -1;
    const own = this.attachment.costNow[machine] ?? 0;
    return from < 0 || this.inCells ? -own : this.load.leave(from, machine) - own;
  }

  /** `shiftDelta` with the result of `leaveDelta` known, for many places in turn. */
  enterDelta(machine: number, to: number, leaving: number, bound: number): number {
    const { instance, rules, attachment } = this;
    const from = this.place[machine] ?? -1;
    const home = instance.origin[machine] ?? -1;
    if (instance.fixed[machine] === 1 && to !== home) return Infinity;
    let delta = leaving + attachment.costIn(machine, to) + attachment.groupDelta(machine, from, to, -1, -1, -1);
    if (this.company !== null) delta += this.companyDelta(machine, from, to);
    if (this.inCells) delta += this.cellDelta(from, to, machine, -1);
    else if (to >= 0) delta += this.load.enter(to, machine, to === home, this.loose ? Infinity : bound - delta);
    if (delta === Infinity || (!this.loose && delta > bound)) return Infinity;
    if (rules !== null && !rules.allowShift(machine, from, to)) return Infinity;
    if (this.load.deviations !== null) {
      const { hostOf } = instance;
      const out = from < 0 ? -1 : (hostOf[from] ?? from);
      const into = to < 0 ? -1 : (hostOf[to] ?? to);
      if (out !== into) delta += this.load.deviations.delta(out, into, machine, -1);
    }
    return delta;
  }

  /** Change of cost when two machines that are somewhere change places; Infinity when they may not. `bound` as for `shiftDelta`. */
  swapDelta(a: number, b: number, bound = Infinity): number {
    const { instance, rules, attachment, load } = this;
    const from = this.place[a] ?? -1;
    const to = this.place[b] ?? -1;
    if (from === to) return 0;
    if (from < 0 || to < 0) return Infinity;
    const homeA = instance.origin[a] ?? -1;
    const homeB = instance.origin[b] ?? -1;
    if ((instance.fixed[a] === 1 && to !== homeA) || (instance.fixed[b] === 1 && from !== homeB)) return Infinity;
    let delta = attachment.costIn(a, to) + attachment.costIn(b, from);
    delta -= (attachment.costNow[a] ?? 0) + (attachment.costNow[b] ?? 0);
    if (delta === Infinity) return Infinity;
    const most = this.loose ? Infinity : bound + 2 * (instance.objectives.movedTogether?.weight ?? 0);
    if (this.inCells) delta += this.cellDelta(from, to, a, b);
    else {
      // What the second row saves is at most what it costs.
      const saving = load.costOf[from] ?? 0;
      delta += load.exchange(to, a, b, to === homeA, to === homeB, most - delta + saving);
      if (delta - saving > most || delta === Infinity) return Infinity;
      delta += load.exchange(from, b, a, from === homeB, from === homeA, most - delta);
    }
    if (delta > most || delta === Infinity) return Infinity;
    if (rules !== null && !rules.allowSwap(a, b, from, to)) return Infinity;
    delta += attachment.groupDelta(a, from, to, b, to, from);
    if (this.company !== null) delta += this.companySwapDelta(a, b, from, to);
    if (load.deviations !== null) {
      const out = instance.hostOf[from] ?? from;
      const into = instance.hostOf[to] ?? to;
      if (out !== into) delta += load.deviations.delta(out, into, a, b);
    }
    return delta;
  }

  /** Puts a machine elsewhere (-1: nowhere), whatever rules and capacities say. */
  shift(machine: number, to: number): void {
    const from = this.place[machine] ?? -1;
    if (from === to) return;
    const home = this.instance.origin[machine] ?? -1;
    if (home >= 0) this.moves += (to !== home ? 1 : 0) - (from !== home ? 1 : 0);
    this.reseat(machine, from, to);
    let delta = this.company === null ? 0 : this.companyDelta(machine, from, to);
    this.place[machine] = to;
    delta += this.load.put(machine, from, to) + this.attachment.put(machine, from, to);
    this.rules?.put(machine, from, to);
    this.company?.put(machine, from, to);
    this.cost += delta;
  }

  /** Lets two machines change places, whatever rules and capacities say. */
  swap(a: number, b: number): void {
    const from = this.place[a] ?? -1;
    const to = this.place[b] ?? -1;
    this.shift(a, to);
    this.shift(b, from);
  }

  /** Whether the rules about a machine hold that was in `from` before a change in several steps, see `Rules.sound`. */
  sound(machine: number, from: number): boolean {
    return this.rules === null || this.rules.sound(machine, from, this.place[machine] ?? -1);
  }

  /** Takes a machine out, so that it is nowhere. */
  remove(machine: number): void {
    this.shift(machine, -1);
  }

  /** Puts a machine that is nowhere into a place. */
  insert(machine: number, to: number): void {
    this.shift(machine, to);
  }

  private reseat(machine: number, from: number, to: number): void {
    const seats = this.residents[from];
    if (seats !== undefined) {
      const last = seats.pop() ?? machine;
      if (last !== machine) {
        const at = this.seat[machine] ?? 0;
        seats[at] = last;
        this.seat[last] = at;
      }
    }
    const there = this.residents[to];
    if (there === undefined) return;
    this.seat[machine] = there.length;
    there.push(machine);
  }

  /** The change of all rows when there are cells: `a` goes from one place to another, and `b` (-1: nobody) the other way. */
  private cellDelta(from: number, to: number, a: number, b: number): number {
    const { hostOf, origin } = this.instance;
    const out = from < 0 ? -1 : (hostOf[from] ?? from);
    const into = to < 0 ? -1 : (hostOf[to] ?? to);
    const homeA = origin[a] ?? -1;
    const homeB = b < 0 ? -1 : (origin[b] ?? -1);
    const other = b < 0 ? this.load.nobody : b;
    const { load } = this;
    let delta = 0;
    if (to >= 0 && (to !== into || out !== into))
      delta += load.exchange(to, a, other, to === homeA, b >= 0 && to === homeB, Infinity);
    if (from >= 0 && (from !== out || out !== into))
      delta += load.exchange(from, other, a, b >= 0 && from === homeB, from === homeA, Infinity);
    if (out === into) {
      const holdA = (from === homeA ? 1 : 0) - (to === homeA ? 1 : 0);
      const holdB = b < 0 ? 0 : (to === homeB ? 1 : 0) - (from === homeB ? 1 : 0);
      return load.holdsWithin(out, a, holdA, other, holdB) ? delta : Infinity;
    }
    if (into >= 0 && into !== to)
      delta += load.exchange(into, a, other, to === homeA, b >= 0 && to === homeB, Infinity);
    if (out >= 0 && out !== from)
      delta += load.exchange(out, other, a, b >= 0 && from === homeB, from === homeA, Infinity);
    return delta;
  }

  private companyDelta(machine: number, from: number, to: number): number {
    let delta = 0;
    const end = this.companyFirst[machine + 1] ?? 0;
    for (let i = this.companyFirst[machine] ?? 0; i < end; i++)
      delta += this.setDelta(this.companySets[i] ?? 0, from, to);
    return delta;
  }

  private companySwapDelta(a: number, b: number, from: number, to: number): number {
    let delta = 0;
    const endA = this.companyFirst[a + 1] ?? 0;
    const endB = this.companyFirst[b + 1] ?? 0;
    let i = this.companyFirst[a] ?? 0;
    let j = this.companyFirst[b] ?? 0;
    while (i < endA || j < endB) {
      const setA = i < endA ? (this.companySets[i] ?? 0) : Infinity;
      const setB = j < endB ? (this.companySets[j] ?? 0) : Infinity;
      if (setA < setB) delta += this.setDelta(setA, from, to);
      if (setB < setA) delta += this.setDelta(setB, to, from);
      if (setA <= setB) i++;
      if (setB <= setA) j++;
    }
    return delta;
  }

  private setDelta(set: number, from: number, to: number): number {
    const of = this.companyUnits[set];
    const table = this.company?.table;
    const out = of?.[from] ?? -1;
    const into = of?.[to] ?? -1;
    if (out === into || table === undefined) return 0;
    const start = this.companyStart[set] ?? 0;
    const weight = this.companyWeight[set] ?? 0;
    return (
      (into >= 0 && (table[start + into] ?? 0) > 0 ? weight : 0) -
      (out >= 0 && (table[start + out] ?? 0) > 1 ? weight : 0)
    );
  }
}
