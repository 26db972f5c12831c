import type { Domain, Instance } from './instance.js';

/** Where members of a set are, counted by unit. Sets that are the same array in the instance share one count. */
export interface Count {
  readonly members: Int32Array;
  readonly unitOf: Int32Array;
  readonly units: number;
  /** Where the count begins in the table of all counts. */
  readonly start: number;
}

/**
 * The company that machines keep: how many members of each set are in each unit of a domain. One table holds all counts, and each
 * machine knows the counts it is part of, so that a move costs as many steps as the machine has sets.
 */
export class Company {
  readonly counts: readonly Count[];
  readonly table: Int32Array;
  /** count: units that hold a member. */
  readonly used: Int32Array;
  private readonly first: Int32Array;
  private readonly countsOf: Int32Array;
  private readonly starts: Int32Array;
  private readonly domainOf: Int32Array;
  private readonly units: readonly Int32Array[];
  private readonly known = new Map<Int32Array, Map<number, number>>();

  constructor(instance: Instance, sets: readonly { readonly members: Int32Array; readonly domain: number }[]) {
    const counts: (Count & { domain: number })[] = [];
    let length = 0;
    for (const { members, domain } of sets) {
      const byDomain = this.known.get(members) ?? new Map<number, number>();
      this.known.set(members, byDomain);
      if (byDomain.has(domain)) continue;
      byDomain.set(domain, counts.length);
      const { of, count } = domainAt(instance, domain);
      counts.push({ members, unitOf: of, units: count, start: length, domain });
      length += count;
    }
    this.counts = counts;
    this.table = new Int32Array(length);
    this.used = new Int32Array(counts.length);
    this.starts = Int32Array.from(counts, (count) => count.start);
    this.domainOf = Int32Array.from(counts, (count) => count.domain);
    this.units = instance.domains.map((domain) => domain.of);
    const { first, items } = byMachine(
      instance.machines,
      counts.map((count) => count.members),
    );
    this.first = first;
    this.countsOf = items;
  }

  /** Number of the count of a set in a domain. */
  countFor(members: Int32Array, domain: number): number {
    const found = this.known.get(members)?.get(domain);
    if (found === undefined) throw new RangeError('the set was not declared');
    return found;
  }

  reset(assignment: Int32Array): void {
    this.table.fill(0);
    this.used.fill(0);
    assignment.forEach((place, machine) => {
      if (place >= 0) this.put(machine, -1, place);
    });
  }

  /** Moves a machine from one place to another (-1: nowhere) in every count. */
  put(machine: number, from: number, to: number): void {
    const { table, used } = this;
    const end = this.first[machine + 1] ?? 0;
    for (let i = this.first[machine] ?? 0; i < end; i++) {
      const count = this.countsOf[i] ?? 0;
      const unitOf = this.units[this.domainOf[count] ?? 0];
      if (unitOf === undefined) continue;
      const out = from < 0 ? -1 : (unitOf[from] ?? -1);
      const into = to < 0 ? -1 : (unitOf[to] ?? -1);
      if (out === into) continue;
      const start = this.starts[count] ?? 0;
      if (out >= 0) {
        const left = (table[start + out] ?? 0) - 1;
        table[start + out] = left;
        if (left === 0) used[count] = (used[count] ?? 0) - 1;
      }
      if (into >= 0) {
        const now = (table[start + into] ?? 0) + 1;
        table[start + into] = now;
        if (now === 1) used[count] = (used[count] ?? 0) + 1;
      }
    }
  }
}

/** Turns sets of machines into the numbers of the sets of each machine: `items[first[machine]] … items[first[machine + 1] - 1]`, rising. */
export function byMachine(
  machines: number,
  sets: readonly Int32Array[],
): { readonly first: Int32Array; readonly items: Int32Array } {
  const first = new Int32Array(machines + 1);
  for (const set of sets) for (const machine of set) first[machine + 1] = (first[machine + 1] ?? 0) + 1;
  for (let machine = 0; machine < machines; machine++)
    first[machine + 1] = (first[machine + 1] ?? 0) + (first[machine] ?? 0);
  const items = new Int32Array(first[machines] ?? 0);
  const next = first.slice();
  sets.forEach((set, index) => {
    for (const machine of set) {
      const at = next[machine] ?? 0;
      items[at] = index;
      next[machine] = at + 1;
    }
  });
  return { first, items };
}

export function domainAt({ domains }: Instance, domain: number): Domain {
  const found = domains[domain];
  if (found === undefined) throw new RangeError(`there is no domain ${domain}`);
  return found;
}
