import type { Domain, Instance, Rule } from '../instance.js';
import { countsOf } from '../evaluate.js';

interface Counted {
  readonly rule: Rule;
  readonly domain: Domain;
  /** Members by unit, one under way in both its units. */
  readonly counts: Int32Array;
  /** Members by unit in the end: what was decided may be reached. */
  readonly final: Int32Array;
  /** Members that change their unit right now. */
  changing: number;
}

/**
 * Rules at every instant: a machine under way counts at both ends. Members kept apart never meet where they do not meet in the end,
 * too. Members of a rule of even spread, or of a least number of units, change units one at a time, and leave the rule as well kept as
 * they find it. Machines that belong together, or follow others, may be apart while they move.
 */
export class Company {
  readonly #of: readonly (readonly Counted[])[];

  constructor(instance: Instance, target: Int32Array) {
    const of: Counted[][] = Array.from({ length: instance.machines }, () => []);
    for (const rule of instance.rules) {
      if (rule.kind === 'together' || rule.kind === 'follow') continue;
      const domain = instance.domains[rule.domain];
      if (domain === undefined) throw new RangeError(`there is no domain ${rule.domain}`);
      const counts = countsOf(rule.members, domain, instance.origin);
      const counted = { rule, domain, counts, final: countsOf(rule.members, domain, target), changing: 0 };
      for (const machine of rule.members) of[machine]?.push(counted);
    }
    this.#of = of;
  }

  /** True when no rule looks at the machine. */
  isFree(machine: number): boolean {
    return (this.#of[machine] ?? []).length === 0;
  }

  /** The rule that keeps the machine from beginning the move; null when none does. */
  objection(machine: number, from: number, to: number): Rule | null {
    for (const counted of this.#of[machine] ?? []) {
      const left = unitOf(counted, from);
      const entered = unitOf(counted, to);
      if (left === entered) continue;
      if (!allows(counted, left, entered)) return counted.rule;
    }
    return null;
  }

  begin(machine: number, from: number, to: number): void {
    this.#change(machine, from, to, 1, 0, 1);
  }

  end(machine: number, from: number, to: number): void {
    this.#change(machine, from, to, 0, -1, -1);
  }

  /** Takes back a beginning. */
  cancel(machine: number, from: number, to: number): void {
    this.#change(machine, from, to, -1, 0, -1);
  }

  #change(machine: number, from: number, to: number, entering: number, leaving: number, changing: number): void {
    for (const counted of this.#of[machine] ?? []) {
      const left = unitOf(counted, from);
      const entered = unitOf(counted, to);
      if (left === entered) continue;
      if (entered >= 0) counted.counts[entered] = (counted.counts[entered] ?? 0) + entering;
      if (left >= 0) counted.counts[left] = (counted.counts[left] ?? 0) + leaving;
      counted.changing += changing;
    }
  }
}

function unitOf({ domain }: Counted, place: number): number {
  return place < 0 ? -1 : (domain.of[place] ?? -1);
}

function allows({ rule, counts, final, changing }: Counted, left: number, entered: number): boolean {
  switch (rule.kind) {
    case 'apart':
      return entered < 0 || (counts[entered] ?? 0) < Math.max(rule.most, final[entered] ?? 0);
    case 'skew': {
      if (changing > 0) return false;
      const after = changed(counts, left, entered);
      return skewOf(after) <= Math.max(rule.most, skewOf(counts));
    }
    case 'atLeast': {
      if (changing > 0) return false;
      return unitsOf(changed(counts, left, entered)) >= Math.min(rule.least, unitsOf(counts));
    }
    case 'together':
    case 'follow':
      return true;
  }
}

function changed(counts: Int32Array, left: number, entered: number): Int32Array {
  const after = counts.slice();
  if (left >= 0) after[left] = (after[left] ?? 0) - 1;
  if (entered >= 0) after[entered] = (after[entered] ?? 0) + 1;
  return after;
}

function skewOf(counts: Int32Array): number {
  let least = Infinity;
  let most = 0;
  for (const count of counts) {
    least = Math.min(least, count);
    most = Math.max(most, count);
  }
  return counts.length === 0 ? 0 : most - least;
}

function unitsOf(counts: Int32Array): number {
  return counts.reduce((units, count) => units + (count > 0 ? 1 : 0), 0);
}
