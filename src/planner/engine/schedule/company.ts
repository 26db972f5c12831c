import type { Domain, Instance, Rule } from '../instance.js';

interface Counted {
  readonly rule: Rule;
  readonly domain: Domain;
  /** Members (of a budget: amounts) by unit, one under way in both its units. */
  readonly counts: Float64Array;
  /** The same in the end: what was decided may be reached. */
  readonly final: Float64Array;
  /** What a member counts: 1, or its amount in a budget. */
  readonly amounts: ReadonlyMap<number, number> | null;
  /** Label of each member of a rule that keeps labels separate. */
  readonly labels: ReadonlyMap<number, number> | null;
  /** Members by unit and label, and in the end. */
  readonly labelled: Map<string, number>;
  /** Units that hold several labels in the end. */
  readonly mixed: ReadonlySet<number>;
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
      const counted = count(rule, domain, instance.origin, target);
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
      if (!allows(counted, machine, left, entered)) return counted.rule;
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
      if (entered >= 0) tally(counted, machine, entered, entering);
      if (left >= 0) tally(counted, machine, left, leaving);
      counted.changing += changing;
    }
  }
}

function unitOf({ domain }: Counted, place: number): number {
  return place < 0 ? -1 : (domain.of[place] ?? -1);
}

function count(rule: Rule, domain: Domain, origin: Int32Array, target: Int32Array): Counted {
  const { members } = rule;
  const amounts = rule.kind === 'budget' ? new Map([...members].map((m, i) => [m, rule.amounts[i] ?? 0])) : null;
  const labels = rule.kind === 'separate' ? new Map([...members].map((m, i) => [m, rule.labels[i] ?? 0])) : null;
  const sums = (places: Int32Array) => {
    const found = new Float64Array(domain.count);
    for (const machine of members) {
      const unit = domain.of[places[machine] ?? -1] ?? -1;
      if (unit >= 0) found[unit] = (found[unit] ?? 0) + (amounts?.get(machine) ?? 1);
    }
    return found;
  };
  const labelled = new Map<string, number>();
  const last = new Map<number, number>();
  const mixed = new Set<number>();
  for (const [machine, label] of labels ?? []) {
    const unit = domain.of[origin[machine] ?? -1] ?? -1;
    const end = domain.of[target[machine] ?? -1] ?? -1;
    const key = `${unit} ${label}`;
    labelled.set(key, (labelled.get(key) ?? 0) + 1);
    if ((last.get(end) ?? label) !== label) mixed.add(end);
    last.set(end, label);
  }
  return { rule, domain, counts: sums(origin), final: sums(target), amounts, labels, labelled, mixed, changing: 0 };
}

function tally(counted: Counted, machine: number, unit: number, sign: number): void {
  const { counts, amounts, labels, labelled } = counted;
  counts[unit] = (counts[unit] ?? 0) + sign * (amounts?.get(machine) ?? 1);
  if (labels === null) return;
  const key = `${unit} ${labels.get(machine) ?? 0}`;
  labelled.set(key, (labelled.get(key) ?? 0) + sign);
}

function allows(counted: Counted, machine: number, left: number, entered: number): boolean {
  const { rule, counts, final, changing } = counted;
  switch (rule.kind) {
    case 'separate': {
      if (entered < 0 || counted.mixed.has(entered)) return true;
      const alike = counted.labelled.get(`${entered} ${counted.labels?.get(machine) ?? 0}`) ?? 0;
      return (counts[entered] ?? 0) <= alike;
    }
    case 'budget': {
      if (entered < 0) return true;
      const most = Math.max(rule.most[entered] ?? Infinity, final[entered] ?? 0);
      return (counts[entered] ?? 0) + (counted.amounts?.get(machine) ?? 0) <= most + 1e-9 * Math.abs(most);
    }
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

function changed(counts: Float64Array, left: number, entered: number): Float64Array {
  const after = counts.slice();
  if (left >= 0) after[left] = (after[left] ?? 0) - 1;
  if (entered >= 0) after[entered] = (after[entered] ?? 0) + 1;
  return after;
}

function skewOf(counts: Float64Array): number {
  let least = Infinity;
  let most = 0;
  for (const count of counts) {
    least = Math.min(least, count);
    most = Math.max(most, count);
  }
  return counts.length === 0 ? 0 : most - least;
}

function unitsOf(counts: Float64Array): number {
  return counts.reduce((units, count) => units + (count > 0 ? 1 : 0), 0);
}
