import { byMachine, domainAt } from './company.js';
import type { Instance, Rule } from './instance.js';

/** Rules in which members are not alike: each has a label, or an amount. */
export type ShareRule = Extract<Rule, { kind: 'separate' | 'budget' }>;

export function isShareRule(rule: Rule): rule is ShareRule {
  return rule.kind === 'separate' || rule.kind === 'budget';
}

/** What units are shared by: labels that exclude each other, amounts that add up. */
export class Shares {
  private readonly first: Int32Array;
  private readonly ruleOf: Int32Array;
  /** Entry by entry with `ruleOf`: label or amount of the machine. */
  private readonly value: Float64Array;
  private readonly books: readonly (Labels | Amounts)[];
  private readonly units: readonly Int32Array[];

  constructor(instance: Instance, rules: readonly ShareRule[]) {
    const sets = rules.map(({ members }) => members);
    ({ first: this.first, items: this.ruleOf } = byMachine(instance.machines, sets));
    this.value = new Float64Array(this.ruleOf.length);
    const next = this.first.slice();
    rules.forEach((rule) => {
      const values = rule.kind === 'separate' ? rule.labels : rule.amounts;
      rule.members.forEach((machine, index) => {
        const at = next[machine] ?? 0;
        this.value[at] = values[index] ?? 0;
        next[machine] = at + 1;
      });
    });
    this.units = rules.map(({ domain }) => domainAt(instance, domain).of);
    this.books = rules.map((rule) => {
      const { count } = domainAt(instance, rule.domain);
      return rule.kind === 'separate' ? new Labels(count) : new Amounts(count, rule.most);
    });
  }

  reset(assignment: Int32Array): void {
    for (const book of this.books) book.clear();
    assignment.forEach((place, machine) => {
      if (place >= 0) this.put(machine, -1, place);
    });
  }

  put(machine: number, from: number, to: number): void {
    for (let i = this.first[machine] ?? 0, end = this.first[machine + 1] ?? 0; i < end; i++) {
      const rule = this.ruleOf[i] ?? 0;
      const [out, into] = [this.unit(rule, from), this.unit(rule, to)];
      if (out === into) continue;
      const value = this.value[i] ?? 0;
      if (out >= 0) this.books[rule]?.change(out, value, -1);
      if (into >= 0) this.books[rule]?.change(into, value, 1);
    }
  }

  /** Whether a machine may go from one place to another (-1: nowhere). */
  allowShift(machine: number, from: number, to: number): boolean {
    for (let i = this.first[machine] ?? 0, end = this.first[machine + 1] ?? 0; i < end; i++) {
      const rule = this.ruleOf[i] ?? 0;
      const into = this.unit(rule, to);
      if (into < 0 || into === this.unit(rule, from)) continue;
      if (this.books[rule]?.admits(into, this.value[i] ?? 0, NaN) === false) return false;
    }
    return true;
  }

  /** Whether machine `a` in `from` and machine `b` in `to` may change places. */
  allowSwap(a: number, b: number, from: number, to: number): boolean {
    return this.allowsFor(a, b, from, to) && this.allowsFor(b, a, to, from);
  }

  private allowsFor(machine: number, leaver: number, from: number, to: number): boolean {
    for (let i = this.first[machine] ?? 0, end = this.first[machine + 1] ?? 0; i < end; i++) {
      const rule = this.ruleOf[i] ?? 0;
      const into = this.unit(rule, to);
      if (into < 0 || into === this.unit(rule, from)) continue;
      if (this.books[rule]?.admits(into, this.value[i] ?? 0, this.valueOf(leaver, rule)) === false) return false;
    }
    return true;
  }

  /** Label or amount of a machine in a rule; NaN: it is no member. */
  private valueOf(machine: number, rule: number): number {
    for (let i = this.first[machine] ?? 0, end = this.first[machine + 1] ?? 0; i < end; i++) {
      if (this.ruleOf[i] === rule) return this.value[i] ?? 0;
    }
    return NaN;
  }

  private unit(rule: number, place: number): number {
    return place < 0 ? -1 : (this.units[rule]?.[place] ?? -1);
  }
}

/** How many members of each label are in each unit. */
class Labels {
  private readonly all: Int32Array;
  private readonly counts = new Map<number, number>();

  constructor(private readonly units: number) {
    this.all = new Int32Array(units);
  }

  clear(): void {
    this.all.fill(0);
    this.counts.clear();
  }

  /** Whether nobody of another label would be there, one member of label `leaving` (NaN: none) gone. */
  admits(unit: number, label: number, leaving: number): boolean {
    const others = (this.all[unit] ?? 0) - (this.counts.get(label * this.units + unit) ?? 0);
    return others - (Number.isNaN(leaving) || leaving === label ? 0 : 1) <= 0;
  }

  change(unit: number, label: number, by: number): void {
    const key = label * this.units + unit;
    this.all[unit] = (this.all[unit] ?? 0) + by;
    this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }
}

/** Sums of each unit, under their limits. */
class Amounts {
  private readonly sums: Float64Array;

  constructor(
    units: number,
    private readonly most: Float64Array,
  ) {
    this.sums = new Float64Array(units);
  }

  clear(): void {
    this.sums.fill(0);
  }

  /** Whether the unit keeps its limit, or at least does not come to hold more. */
  admits(unit: number, amount: number, leaving: number): boolean {
    const change = amount - (Number.isNaN(leaving) ? 0 : leaving);
    return change <= 0 || (this.sums[unit] ?? 0) + change <= (this.most[unit] ?? Infinity) + 1e-9;
  }

  change(unit: number, amount: number, by: number): void {
    this.sums[unit] = (this.sums[unit] ?? 0) + by * amount;
  }
}
