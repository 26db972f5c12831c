import type { Domain, Instance, Part, Rule } from './instance.js';
import { PARTS } from './instance.js';

/** Cost of an assignment by part. */
export type Costs = Readonly<Record<Part, number>>;

/**
 * The cost of an assignment (machine → place, -1: nowhere), computed from nothing in O(machines + places). A search never calls it
 * while it runs: it is what incremental evaluation is held against, and what a report tells.
 */
export function evaluate(instance: Instance, assignment: Int32Array): Costs {
  const use = useOf(instance, assignment);
  const costs = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>;
  machineCosts(instance, assignment, costs);
  hostCosts(instance, use, assignment, costs);
  companyCosts(instance, assignment, costs);
  return costs;
}

/** Sum of the parts. */
export function totalOf(costs: Costs): number {
  return PARTS.reduce((sum, part) => sum + costs[part], 0);
}

/** place × resource: what is used, cells counted into their hosts; transient holds are not part of it. */
export function useOf(instance: Instance, assignment: Int32Array): Float64Array {
  const { resources, demand, hostOf } = instance;
  const use = instance.base.slice();
  assignment.forEach((place, machine) => {
    if (place < 0) return;
    const host = hostOf[place] ?? place;
    for (let r = 0; r < resources; r++) {
      const amount = demand[machine * resources + r] ?? 0;
      use[place * resources + r] = (use[place * resources + r] ?? 0) + amount;
      if (host !== place) use[host * resources + r] = (use[host * resources + r] ?? 0) + amount;
    }
  });
  return use;
}

/** Rules and capacities that the assignment breaks, as sentences for tests and for the bench; empty when there are none. */
export function violationsOf(instance: Instance, assignment: Int32Array): readonly string[] {
  const { places, resources, capacity, demand, origin, transient, hostOf, fixed, unary } = instance;
  const held = useOf(instance, assignment);
  const found: string[] = [];
  assignment.forEach((place, machine) => {
    const from = origin[machine] ?? -1;
    if (place === from) return;
    if (fixed[machine] === 1) found.push(`machine ${machine} is fixed and has moved`);
    const price = unary === null || place < 0 ? 0 : (unary.cost[(unary.classOf[machine] ?? 0) * places + place] ?? 0);
    if (price === Infinity) found.push(`machine ${machine} may not be in place ${place}`);
    if (from < 0) return;
    const host = hostOf[from] ?? from;
    for (let r = 0; r < resources; r++) {
      if (transient[r] !== 1) continue;
      const amount = demand[machine * resources + r] ?? 0;
      held[from * resources + r] = (held[from * resources + r] ?? 0) + amount;
      if (host !== from) held[host * resources + r] = (held[host * resources + r] ?? 0) + amount;
    }
  });
  held.forEach((amount, index) => {
    const most = capacity[index] ?? Infinity;
    if (amount > most + 1e-9 * Math.max(1, Math.abs(most))) {
      found.push(`place ${Math.floor(index / resources)} holds ${amount} of resource ${index % resources}, of ${most}`);
    }
  });
  instance.rules.forEach((rule, index) => {
    if (isBroken(instance, rule, assignment)) found.push(`rule ${index} (${rule.kind}) is broken`);
  });
  return found;
}

/** Members of each unit. */
export function countsOf(members: Int32Array, domain: Domain, assignment: Int32Array): Int32Array {
  const counts = new Int32Array(domain.count);
  for (const machine of members) {
    const unit = domain.of[assignment[machine] ?? -1] ?? -1;
    if (unit >= 0) counts[unit] = (counts[unit] ?? 0) + 1;
  }
  return counts;
}

function isBroken({ domains }: Instance, rule: Rule, assignment: Int32Array): boolean {
  const domain = domains[rule.domain];
  if (domain === undefined) throw new RangeError(`there is no domain ${rule.domain}`);
  const counts = countsOf(rule.members, domain, assignment);
  const used = counts.filter((count) => count > 0).length;
  switch (rule.kind) {
    case 'apart':
      return counts.some((count) => count > rule.most);
    case 'atLeast':
      return used < rule.least;
    case 'skew':
      return Math.max(...counts) - Math.min(...counts) > rule.most;
    case 'together':
      return used > 1;
    case 'follow': {
      const leaders = countsOf(rule.leaders, domain, assignment);
      return counts.some((count, unit) => count > 0 && leaders[unit] === 0);
    }
    case 'separate': {
      const labelAt = new Map<number, number>();
      return rule.members.some((machine, index) => {
        const unit = domain.of[assignment[machine] ?? -1] ?? -1;
        const label = labelAt.get(unit);
        if (unit >= 0) labelAt.set(unit, rule.labels[index] ?? 0);
        return label !== undefined && label !== rule.labels[index];
      });
    }
    case 'budget': {
      const sums = new Float64Array(domain.count);
      rule.members.forEach((machine, index) => {
        const unit = domain.of[assignment[machine] ?? -1] ?? -1;
        if (unit >= 0) sums[unit] = (sums[unit] ?? 0) + (rule.amounts[index] ?? 0);
      });
      return sums.some((sum, unit) => sum > (rule.most[unit] ?? Infinity) + 1e-9);
    }
  }
}

function machineCosts(instance: Instance, assignment: Int32Array, costs: Record<Part, number>): void {
  const { origin, unary, places, objectives, domains } = instance;
  const { moved, crossing, unplaced, movedTogether } = objectives;
  const away = new Int32Array(movedTogether?.groups ?? 0);
  assignment.forEach((place, machine) => {
    const from = origin[machine] ?? -1;
    if (place < 0) {
      costs.unplaced += unplaced?.[machine] ?? 0;
      return;
    }
    if (place === from) {
      costs.staying += unary?.staying[machine] ?? 0;
      return;
    }
    if (unary !== null) costs.preference += unary.cost[(unary.classOf[machine] ?? 0) * places + place] ?? 0;
    if (from < 0) return;
    costs.moved += moved?.[machine] ?? 0;
    const group = movedTogether?.groupOf[machine] ?? -1;
    if (group >= 0) away[group] = (away[group] ?? 0) + 1;
    const domain = domains[crossing?.domain ?? -1];
    if (crossing === null || domain === undefined) return;
    const [a, b] = [domain.of[from] ?? -1, domain.of[place] ?? -1];
    if (a >= 0 && b >= 0) costs.crossing += crossing.weight * (crossing.table[a * domain.count + b] ?? 0);
  });
  if (movedTogether !== null) costs.movedTogether = movedTogether.weight * away.reduce((a, b) => Math.max(a, b), 0);
}

function hostCosts(instance: Instance, use: Float64Array, assignment: Int32Array, costs: Record<Part, number>): void {
  const { hosts, places, resources, capacity, base, objectives, hostOf } = instance;
  const { excess, balance, deviation, quadratic, opened, slots } = objectives;
  const at = (table: Float64Array, place: number, resource: number) => table[place * resources + resource] ?? 0;
  const occupied = new Uint8Array(hosts);
  for (const place of assignment) if (place >= 0) occupied[hostOf[place] ?? place] = 1;
  for (let host = 0; host < hosts; host++) {
    for (let r = 0; r < resources && excess !== null; r++) {
      const over = at(use, host, r) - at(excess.soft, host, r);
      if (over > 0) costs.excess += at(excess.weight, host, r) * over;
    }
    for (const { first, second, target, weight } of balance) {
      const free = (r: number) => at(capacity, host, r) - at(use, host, r);
      costs.balance += weight * Math.max(0, target * free(first) - free(second));
    }
    for (const { resource, scale, weight } of quadratic) {
      costs.quadratic += 0.5 * weight * (scale[host] ?? 0) * at(use, host, resource) ** 2;
    }
    if (occupied[host] === 1) costs.opened += opened?.[host] ?? 0;
  }
  for (const { resource, offset, scale, weight, hosts: taking } of deviation) {
    const values: number[] = [];
    for (let host = 0; host < hosts; host++) {
      if (taking[host] === 1) values.push(((offset[host] ?? 0) + at(use, host, resource)) * (scale[host] ?? 0));
    }
    const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    costs.deviation += weight * Math.sqrt(squares / Math.max(1, values.length));
  }
  for (const { size, weight, places: counted } of slots) {
    for (let place = 0; place < places; place++) {
      if (counted[place] !== 1) continue;
      const fit = (table: Float64Array) => {
        let most = Infinity;
        for (let r = 0; r < resources; r++) {
          const each = size[r] ?? 0;
          if (each > 0) most = Math.min(most, Math.floor((at(capacity, place, r) - at(table, place, r)) / each + 1e-9));
        }
        return most === Infinity ? 0 : Math.max(0, most);
      };
      costs.slots += weight * (fit(base) - fit(use));
    }
  }
}

function companyCosts({ domains, objectives }: Instance, assignment: Int32Array, costs: Record<Part, number>): void {
  for (const { members, domain, weight } of objectives.company) {
    const units = domains[domain];
    if (units === undefined) throw new RangeError(`there is no domain ${domain}`);
    for (const count of countsOf(members, units, assignment)) costs.company += weight * Math.max(0, count - 1);
  }
}
