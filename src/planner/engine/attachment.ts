import type { Instance } from './instance.js';

/**
 * What a machine costs for itself by where it is: unplaced, staying, preference, being moved, crossing; and what it costs that many of one
 * group have moved.
 */
export class Attachment {
  /** machine: what it costs where it is. */
  readonly costNow: Float64Array;
  private readonly groupOf: Int32Array | null;
  private readonly weight: number;
  /** group: members away; and how many groups have so many away. */
  private readonly away: Int32Array;
  private readonly groupsWith: Int32Array;
  private most = 0;
  private readonly crossingUnit: Int32Array | null;
  private readonly crossingCount: number;

  constructor(private readonly instance: Instance) {
    const { machines, objectives, domains } = instance;
    this.costNow = new Float64Array(machines);
    this.groupOf = objectives.movedTogether?.groupOf ?? null;
    this.weight = objectives.movedTogether?.weight ?? 0;
    this.away = new Int32Array(objectives.movedTogether?.groups ?? 0);
    this.groupsWith = new Int32Array(objectives.movedTogether === null ? 0 : machines + 1);
    const domain = objectives.crossing === null ? undefined : domains[objectives.crossing.domain];
    this.crossingUnit = domain?.of ?? null;
    this.crossingCount = domain?.count ?? 0;
  }

  reset(assignment: Int32Array): void {
    this.away.fill(0);
    this.groupsWith.fill(0);
    this.groupsWith[0] = this.away.length;
    this.most = 0;
    assignment.forEach((place, machine) => {
      this.costNow[machine] = this.costIn(machine, place);
      this.count(machine, -1, place);
    });
  }

  total(): number {
    return this.costNow.reduce((sum, cost) => sum + cost, 0) + this.weight * this.most;
  }

  /** What the machine costs in a place (-1: nowhere), its group not counted; Infinity: it may not be there. */
  costIn(machine: number, place: number): number {
    const { origin, unary, places, objectives } = this.instance;
    const from = origin[machine] ?? -1;
    if (place < 0) return objectives.unplaced?.[machine] ?? 0;
    if (place === from) return unary === null ? 0 : (unary.staying[machine] ?? 0);
    let cost = unary === null ? 0 : (unary.cost[(unary.classOf[machine] ?? 0) * places + place] ?? 0);
    if (from < 0) return cost;
    if (objectives.moved !== null) cost += objectives.moved[machine] ?? 0;
    if (this.crossingUnit !== null && objectives.crossing !== null) {
      const a = this.crossingUnit[from] ?? -1;
      const b = this.crossingUnit[place] ?? -1;
      if (a >= 0 && b >= 0)
        cost += objectives.crossing.weight * (objectives.crossing.table[a * this.crossingCount + b] ?? 0);
    }
    return cost;
  }

  /** Change of the group cost when one machine goes, or two change places; a second machine of -1 is nobody. */
  groupDelta(a: number, fromA: number, toA: number, b: number, fromB: number, toB: number): number {
    if (this.groupOf === null) return 0;
    const groupA = this.groupOf[a] ?? -1;
    const groupB = b < 0 ? -1 : (this.groupOf[b] ?? -1);
    let changeA = groupA < 0 ? 0 : this.isAway(a, toA) - this.isAway(a, fromA);
    let changeB = groupB < 0 ? 0 : this.isAway(b, toB) - this.isAway(b, fromB);
    if (groupA === groupB) {
      changeA += changeB;
      changeB = 0;
    }
    if (changeA === 0 && changeB === 0) return 0;
    const { most, groupsWith } = this;
    const nowA = changeA === 0 ? -1 : (this.away[groupA] ?? 0);
    const nowB = changeB === 0 ? -1 : (this.away[groupB] ?? 0);
    const reached = Math.max(changeA === 0 ? -1 : nowA + changeA, changeB === 0 ? -1 : nowB + changeB);
    if (reached >= most) return this.weight * (reached - most);
    // Nobody who changes is at the top afterwards: the top stays where others hold it, and falls by one or two where none does.
    for (let level = most; level > reached; level--) {
      const others = (groupsWith[level] ?? 0) - (nowA === level ? 1 : 0) - (nowB === level ? 1 : 0);
      if (others > 0) return this.weight * (level - most);
    }
    return this.weight * (reached - most);
  }

  /** Notes that the machine went from one place to another (-1: nowhere); returns the change of cost. */
  put(machine: number, from: number, to: number): number {
    const before = (this.costNow[machine] ?? 0) + this.weight * this.most;
    this.costNow[machine] = this.costIn(machine, to);
    this.count(machine, from, to);
    return (this.costNow[machine] ?? 0) + this.weight * this.most - before;
  }

  private isAway(machine: number, place: number): number {
    const from = this.instance.origin[machine] ?? -1;
    return from >= 0 && place >= 0 && place !== from ? 1 : 0;
  }

  private count(machine: number, from: number, to: number): void {
    const group = this.groupOf?.[machine] ?? -1;
    const change = this.isAway(machine, to) - this.isAway(machine, from);
    if (group < 0 || change === 0) return;
    const now = this.away[group] ?? 0;
    const then = now + change;
    this.away[group] = then;
    this.groupsWith[now] = (this.groupsWith[now] ?? 0) - 1;
    this.groupsWith[then] = (this.groupsWith[then] ?? 0) + 1;
    if (then > this.most) this.most = then;
    while (this.most > 0 && this.groupsWith[this.most] === 0) this.most--;
  }
}
