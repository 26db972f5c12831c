import type { Rule } from '../../../src/planner/engine/instance.js';
import type { Constraint } from '../formats/btrplace-constraints.js';
import type { BtrInstance } from '../formats/btrplace.js';
import type { Domains } from './domains.js';

interface Tables {
  readonly hostOf: ReadonlyMap<number, number>;
  readonly indexOf: ReadonlyMap<number, number>;
  readonly demand: Float64Array;
  /** Resources of the instance and, as the last one, the number of machines. */
  readonly resources: number;
  readonly domains: Domains;
}

/** host × resource: capacity of the view times its overbooking, at most the limits that are about this node alone. */
export function capacitiesOf(btr: BtrInstance, nodeOf: readonly number[], resources: number): Float64Array {
  const hostOf = new Map(nodeOf.map((node, host) => [node, host]));
  const capacity = new Float64Array(nodeOf.length * resources).fill(Infinity);
  const ratios = new Map<number, number>();
  const limits = new Map<number, number>();
  const least = (table: Map<number, number>, at: number, value: number) => {
    table.set(at, Math.min(table.get(at) ?? Infinity, value));
  };
  for (const constraint of btr.constraints) {
    if (constraint.kind === 'overbook') {
      const host = hostOf.get(constraint.node);
      if (host !== undefined) least(ratios, host * resources + resourceOf(btr, constraint.resource), constraint.ratio);
      continue;
    }
    const limit = limitOf(btr, constraint, resources);
    const host = hostOf.get(limit?.nodes[0] ?? -1);
    if (limit?.nodes.length === 1 && host !== undefined) least(limits, host * resources + limit.resource, limit.amount);
  }
  nodeOf.forEach((node, host) => {
    btr.resources.forEach(({ capacityOf }, r) => {
      const at = host * resources + r;
      capacity[at] = capacityOf(node) * (ratios.get(at) ?? 1);
    });
  });
  for (const [at, most] of limits) capacity[at] = Math.min(capacity[at] ?? Infinity, most);
  return capacity;
}

/** Rules about company, and limits of several nodes together. */
export function rulesOf(btr: BtrInstance, { hostOf, indexOf, demand, resources, domains }: Tables): readonly Rule[] {
  const rules: Rule[] = [];
  const members = (ids: readonly number[]) => Int32Array.from(ids.flatMap((id) => indexOf.get(id) ?? [])).sort();
  const all = Int32Array.from({ length: indexOf.size }, (_, machine) => machine);
  const separate = (groups: readonly (readonly number[])[], domain: number) => {
    const labelled = groups.flatMap((group, label) => [...members(group)].map((machine) => [machine, label] as const));
    labelled.sort(([a], [b]) => a - b);
    const [who, labels] = [labelled.map(([machine]) => machine), labelled.map(([, label]) => label)];
    rules.push({ kind: 'separate', members: Int32Array.from(who), labels: Int32Array.from(labels), domain });
  };
  const together = (ids: readonly number[], domain: number) => {
    rules.push({ kind: 'together', members: members(ids), domain });
  };
  const limits: Limit[] = [];
  const lonely: (readonly number[])[] = [];
  for (const constraint of btr.constraints) {
    const limit = limitOf(btr, constraint, resources);
    if (limit !== null && limit.nodes.length > 1) limits.push(limit);
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the others bind single machines, nodes or limits
    switch (constraint.kind) {
      case 'spread':
        rules.push({ kind: 'apart', members: members(constraint.machines), domain: domains.hosts(), most: 1 });
        break;
      case 'gather':
        together(constraint.machines, domains.hosts());
        break;
      case 'among':
        together(constraint.machines, domains.parts(constraint.parts, hostOf));
        break;
      case 'lonely':
        lonely.push(constraint.machines);
        break;
      case 'split':
        separate(constraint.groups, domains.hosts());
        break;
      case 'splitAmong': {
        const domain = domains.parts(constraint.parts, hostOf);
        for (const group of constraint.groups) together(group, domain);
        separate(constraint.groups, domain);
        break;
      }
      default:
        break;
    }
  }
  // Lonely groups that share no machine are one rule with those that are in none as one more group.
  for (const groups of families(lonely)) {
    const inside = new Set(groups.flat());
    separate([...groups, [...indexOf.keys()].filter((id) => !inside.has(id))], domains.hosts());
  }
  for (const resource of new Set(limits.map((limit) => limit.resource))) {
    const own = limits.filter((limit) => limit.resource === resource);
    const amounts = Float64Array.from(all, (machine) => demand[machine * resources + resource] ?? 0);
    const mostOf = new Map(own.map(({ nodes, amount }) => [nodes, amount]));
    for (const parts of families(own.map(({ nodes }) => nodes))) {
      const most = Float64Array.from(parts, (nodes) => mostOf.get(nodes) ?? 0);
      rules.push({ kind: 'budget', members: all, amounts, domain: domains.parts(parts, hostOf), most });
    }
  }
  return rules.filter((rule) => rule.members.length > 0);
}

interface Limit {
  readonly nodes: readonly number[];
  readonly resource: number;
  readonly amount: number;
}

function limitOf(btr: BtrInstance, constraint: Constraint, resources: number): Limit | null {
  if (constraint.kind === 'runningCapacity') return { ...constraint, resource: resources - 1 };
  return constraint.kind === 'resourceCapacity'
    ? { ...constraint, resource: resourceOf(btr, constraint.resource) }
    : null;
}

function resourceOf({ resources }: BtrInstance, name: string): number {
  return resources.findIndex((resource) => resource.name === name);
}

/** Divides sets into families whose sets have nothing in common, each set into the first family that has room for it. */
function families(sets: readonly (readonly number[])[]): readonly (readonly (readonly number[])[])[] {
  const found: { readonly sets: (readonly number[])[]; readonly taken: Set<number> }[] = [];
  for (const set of sets) {
    let home = found.find(({ taken }) => set.every((id) => !taken.has(id)));
    if (home === undefined) {
      home = { sets: [], taken: new Set() };
      found.push(home);
    }
    home.sets.push(set);
    for (const id of set) home.taken.add(id);
  }
  return found.map((family) => family.sets);
}
