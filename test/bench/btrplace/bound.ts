import type { Packed } from './pack.js';
import type { Task } from './task.js';

/** Fewest actions that any plan can have, and why. */
export interface Bound {
  readonly actions: number;
  /** Migrations among them that no plan can do without. */
  readonly migrations: number;
}

/**
 * A lower bound on the actions of a plan. Machines that change their state or are given more, and nodes that change theirs, are one each;
 * machines that may not stay, one each. Then come those that must move for others' sake. Of a group that has to come together all have to
 * move but those who are where most of it is. Of a host that is to hold too much, or machines that must be apart, the fewest that relieve
 * it, where machines of the groups counted already go for nothing. Groups that share a machine count once, and hosts share none, so that
 * all of it adds up.
 */
export function boundOf(task: Task, { instance, leaving, growing }: Packed): Bound {
  let settled = 0;
  for (const { now, next } of task.machines.values()) if (now.kind !== next) settled++;
  for (const { online, next } of task.nodes.values()) if (next === (online ? 'offline' : 'online')) settled++;
  const grown = growing.reduce((sum, own) => sum + own, 0);
  const gone = leaving.reduce((sum, machine) => sum + (growing[machine] === 1 ? 0 : 1), 0);
  const residents = Array.from({ length: instance.hosts }, (): number[] => []);
  instance.origin.forEach((host, machine) => residents[host]?.push(machine));

  const none = { all: 0, quiet: 0, members: new Set<number>() };
  const sums = [none, joins(instance, growing)].map(({ all, quiet, members }) => {
    const crowded = crowds(instance, members);
    residents.forEach((there, host) => {
      const bound = there.filter((machine) => !members.has(machine));
      const least = Math.max(leastToGo(instance, bound, host), crowded[host] ?? 0);
      all += least;
      // Machines that are given more have an action anyway, and a move takes its place.
      quiet += Math.max(0, least - bound.filter((machine) => growing[machine] === 1).length);
    });
    return { all, quiet };
  });
  return {
    actions: settled + grown + gone + Math.max(...sums.map(({ quiet }) => quiet)),
    migrations: leaving.length + Math.max(...sums.map(({ all }) => all)),
  };
}

/** The fewest machines of a host that relieve it: for each resource the largest first, and the resource that asks for most. */
function leastToGo(
  { demand, resources, capacity }: Packed['instance'],
  bound: readonly number[],
  host: number,
): number {
  let most = 0;
  for (let r = 0; r < resources; r++) {
    const sizes = bound.map((machine) => demand[machine * resources + r] ?? 0).sort((a, b) => b - a);
    let over = sizes.reduce((sum, size) => sum + size, 0) - (capacity[host * resources + r] ?? Infinity) - 1e-9;
    let count = 0;
    while (over > 0 && count < sizes.length) over -= sizes[count++] ?? 0;
    most = Math.max(most, count);
  }
  return most;
}

/** host: how many must go because members of a spread meet there, or machines that are kept apart; those in `free` do not count. */
function crowds({ hosts, origin, rules, domains }: Packed['instance'], free: ReadonlySet<number>): Int32Array {
  const worst = new Int32Array(hosts);
  for (const rule of rules) {
    if ((rule.kind !== 'apart' && rule.kind !== 'separate') || domains[rule.domain]?.count !== hosts) continue;
    const there = new Map<number, Map<number, number>>();
    rule.members.forEach((machine, index) => {
      const host = origin[machine] ?? -1;
      if (host < 0 || free.has(machine)) return;
      const labels = there.get(host) ?? new Map<number, number>();
      const label = rule.kind === 'apart' ? 0 : (rule.labels[index] ?? 0);
      labels.set(label, (labels.get(label) ?? 0) + 1);
      there.set(host, labels);
    });
    for (const [host, labels] of there) {
      const counts = [...labels.values()];
      const stay = rule.kind === 'apart' ? rule.most : Math.max(...counts);
      worst[host] = Math.max(worst[host] ?? 0, counts.reduce((sum, count) => sum + count, 0) - stay);
    }
  }
  return worst;
}

/** Machines that must move to come together, and all members of the groups that were counted; of groups that share machines one. */
function joins(
  { rules, domains, origin }: Packed['instance'],
  growing: Uint8Array,
): { readonly all: number; readonly quiet: number; readonly members: ReadonlySet<number> } {
  const members = new Set<number>();
  let [all, quiet] = [0, 0];
  for (const rule of rules) {
    if (rule.kind !== 'together' || rule.members.some((machine) => members.has(machine))) continue;
    const there = new Map<number, number>();
    let [running, grown] = [0, 0];
    for (const machine of rule.members) {
      members.add(machine);
      const unit = domains[rule.domain]?.of[origin[machine] ?? -1] ?? -1;
      if (unit < 0) continue;
      running++;
      grown += growing[machine] ?? 0;
      there.set(unit, (there.get(unit) ?? 0) + 1);
    }
    const least = running - Math.max(0, ...there.values());
    all += least;
    quiet += Math.max(0, least - grown);
  }
  return { all, quiet, members };
}
