import { domainAt } from '../company.js';
import { useOf } from '../evaluate.js';
import type { Instance, Rule } from '../instance.js';
import { cover } from './cover.js';

/**
 * An assignment with few and cheap machines taken out (-1) so that no capacity and no rule of being apart, together, separate or within a
 * budget is broken. Rules of least numbers, of even spread and of following are left as they are: taking out mends none of them.
 */
export function clear(instance: Instance, start: Int32Array): Int32Array {
  const assignment = start.slice();
  for (const rule of instance.rules) clearRule(instance, rule, assignment);
  clearPlaces(instance, assignment);
  return assignment;
}

/** What it costs to take a machine from where it is: fixed machines stay, machines away from their origin are free to go. */
export function priceOf(instance: Instance, machine: number, place: number): number {
  if (instance.fixed[machine] === 1) return Infinity;
  return place === instance.origin[machine] ? (instance.objectives.moved?.[machine] ?? 1) : 0;
}

function clearRule(instance: Instance, rule: Rule, assignment: Int32Array): void {
  if (rule.kind === 'atLeast' || rule.kind === 'skew' || rule.kind === 'follow') return;
  const { of } = domainAt(instance, rule.domain);
  const priceAt = (machine: number) => priceOf(instance, machine, assignment[machine] ?? -1);
  const takeOut = (machines: Iterable<number>) => {
    for (const machine of machines) if (instance.fixed[machine] !== 1) assignment[machine] = -1;
  };
  const units = new Map<number, number[]>();
  rule.members.forEach((machine, index) => {
    const unit = of[assignment[machine] ?? -1] ?? -1;
    if (unit < 0) return;
    const there = units.get(unit);
    if (there === undefined) units.set(unit, [index]);
    else there.push(index);
  });
  const machineAt = (index: number) => rule.members[index] ?? 0;
  const worth = (indices: readonly number[]) =>
    indices.reduce((sum, index) => sum + Math.min(1e9, priceAt(machineAt(index))), 0);
  switch (rule.kind) {
    case 'apart':
      for (const indices of units.values()) {
        const machines = indices.map(machineAt).sort((a, b) => priceAt(b) - priceAt(a) || a - b);
        takeOut(machines.slice(rule.most));
      }
      break;
    case 'together': {
      const [, ...others] = [...units.values()].sort((a, b) => worth(b) - worth(a));
      for (const indices of others) takeOut(indices.map(machineAt));
      break;
    }
    case 'separate':
      for (const indices of units.values()) {
        const byLabel = new Map<number, number[]>();
        for (const index of indices) {
          const label = rule.labels[index] ?? 0;
          byLabel.set(label, [...(byLabel.get(label) ?? []), index]);
        }
        const [, ...others] = [...byLabel.values()].sort((a, b) => worth(b) - worth(a));
        for (const group of others) takeOut(group.map(machineAt));
      }
      break;
    case 'budget':
      for (const [unit, indices] of units) {
        const sum = indices.reduce((total, index) => total + (rule.amounts[index] ?? 0), 0);
        const over = sum - (rule.most[unit] ?? Infinity);
        if (over <= 1e-9) continue;
        const amounts = { demand: Float64Array.from(indices, (index) => rule.amounts[index] ?? 0), resources: 1 };
        const chosen = cover(amounts, [...indices.keys()], Float64Array.of(over), (at) =>
          priceAt(machineAt(indices[at] ?? 0)),
        );
        takeOut((chosen ?? [...indices.keys()]).map((at) => machineAt(indices[at] ?? 0)));
      }
      break;
  }
}

function clearPlaces(instance: Instance, assignment: Int32Array): void {
  const { places, resources, capacity, hostOf } = instance;
  const use = useOf(instance, assignment);
  const residents = Array.from({ length: places }, (): number[] => []);
  assignment.forEach((place, machine) => {
    if (place < 0) return;
    residents[place]?.push(machine);
    const host = hostOf[place] ?? place;
    if (host !== place) residents[host]?.push(machine);
  });
  // Cells come after their hosts: what leaves a cell leaves its host, too.
  for (let place = places - 1; place >= 0; place--) {
    const over = new Float64Array(resources);
    for (let r = 0; r < resources; r++) {
      const at = place * resources + r;
      const most = capacity[at] ?? Infinity;
      over[r] = Math.max(0, (use[at] ?? 0) - most - 1e-9 * Math.max(1, Math.abs(most)));
    }
    if (over.every((amount) => amount === 0)) continue;
    const there = (residents[place] ?? []).filter((machine) => (assignment[machine] ?? -1) >= 0);
    const price = (machine: number) => priceOf(instance, machine, assignment[machine] ?? -1);
    for (const machine of cover(instance, there, over, price) ?? there.filter((one) => price(one) < Infinity)) {
      const host = hostOf[place] ?? place;
      for (let r = 0; r < resources; r++) {
        const amount = instance.demand[machine * resources + r] ?? 0;
        if (host !== place) use[host * resources + r] = (use[host * resources + r] ?? 0) - amount;
      }
      assignment[machine] = -1;
    }
  }
}
