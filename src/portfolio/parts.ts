import type { Domain, Instance, Rule } from '../planner/engine/instance.js';

/** A problem on its own, and which machines and places of the whole it is about. */
export interface PartOf {
  readonly instance: Instance;
  readonly machines: Int32Array;
  readonly places: Int32Array;
}

/**
 * The independent parts of a problem: machines that can come to a common host, or that stand in a rule together, are in one. Objectives
 * over all hosts or groups (deviation, moved together) leave it whole. One part: the problem itself.
 */
export function partsOf(instance: Instance): readonly PartOf[] {
  const { hosts, places, machines, hostOf, unary, origin, fixed, objectives, rules } = instance;
  const whole = [{ instance, machines: count(machines), places: count(places) }];
  if (unary === null || objectives.deviation.length > 0 || objectives.movedTogether !== null) return whole;
  const joined = new Joined(hosts + machines);
  const hostAt = (place: number) => hostOf[place] ?? place;
  const firstOf = new Map<number, number>();
  for (let machine = 0; machine < machines; machine++) {
    const from = origin[machine] ?? -1;
    if (from >= 0) joined.join(hosts + machine, hostAt(from));
    if (fixed[machine] === 1) continue;
    const own = unary.classOf[machine] ?? 0;
    const first = firstOf.get(own);
    if (first !== undefined) {
      joined.join(hosts + machine, hosts + first);
      continue;
    }
    firstOf.set(own, machine);
    for (let place = 0; place < places; place++) {
      if ((unary.cost[own * places + place] ?? 0) < Infinity) joined.join(hosts + machine, hostAt(place));
    }
  }
  for (const set of [...rules, ...objectives.company]) {
    const all = [...set.members, ...('leaders' in set ? set.leaders : [])];
    for (const machine of all) joined.join(hosts + machine, hosts + (all[0] ?? 0));
  }
  const groups = new Map<number, { machines: number[]; places: number[] }>();
  for (let machine = 0; machine < machines; machine++) {
    const root = joined.rootOf(hosts + machine);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, { machines: [machine], places: [] });
    else group.machines.push(machine);
  }
  for (let place = 0; place < places; place++) groups.get(joined.rootOf(hostAt(place)))?.places.push(place);
  if (groups.size < 2) return whole;
  return [...groups.values()].map((group) => part(instance, group.machines, group.places));
}

/** Sets that grow together (union-find with path halving; Tarjan and van Leeuwen 1984). */
class Joined {
  private readonly parent: Int32Array;

  constructor(size: number) {
    this.parent = count(size);
  }

  rootOf(item: number): number {
    let at = item;
    for (let up = this.parent[at] ?? at; up !== at; up = this.parent[at] ?? at) {
      this.parent[at] = this.parent[up] ?? up;
      at = this.parent[at] ?? up;
    }
    return at;
  }

  /** The smaller number stays the root, so that the result does not depend on the order. */
  join(a: number, b: number): void {
    const [x, y] = [this.rootOf(a), this.rootOf(b)];
    if (x !== y) this.parent[Math.max(x, y)] = Math.min(x, y);
  }
}

function part(whole: Instance, machineList: readonly number[], placeList: readonly number[]): PartOf {
  const { resources, unary, objectives } = whole;
  const machines = Int32Array.from(machineList);
  const places = Int32Array.from(placeList);
  const hosts = places.filter((place) => place < whole.hosts);
  const machineAt = inverse(machines, whole.machines);
  const placeAt = inverse(places, whole.places);
  const rows = (table: Float64Array, ids: Int32Array, width: number) => {
    const result = new Float64Array(ids.length * width);
    ids.forEach((id, row) => result.set(table.subarray(id * width, (id + 1) * width), row * width));
    return result;
  };
  const ofHosts = (table: Float64Array | null) => (table === null ? null : rows(table, hosts, 1));
  const ofMachines = (table: Float64Array | null) => (table === null ? null : rows(table, machines, 1));
  const own = (set: { readonly members: Int32Array }) => (machineAt[set.members[0] ?? -1] ?? -1) >= 0;
  const renamed = (members: Int32Array) => members.map((machine) => machineAt[machine] ?? -1);
  const rule = (each: Rule): Rule =>
    each.kind === 'follow'
      ? { ...each, members: renamed(each.members), leaders: renamed(each.leaders) }
      : { ...each, members: renamed(each.members) };
  const instance: Instance = {
    hosts: hosts.length,
    places: places.length,
    machines: machines.length,
    resources,
    hostOf: places.map((place) => placeAt[whole.hostOf[place] ?? place] ?? -1),
    origin: machines.map((machine) => placeAt[whole.origin[machine] ?? -1] ?? -1),
    fixed: Uint8Array.from(machines, (machine) => whole.fixed[machine] ?? 0),
    demand: rows(whole.demand, machines, resources),
    capacity: rows(whole.capacity, places, resources),
    base: rows(whole.base, places, resources),
    transient: whole.transient,
    unary: unary === null ? null : unaryOf(unary, whole.places, machines, places),
    rules: whole.rules.filter(own).map(rule),
    domains: whole.domains.map((domain): Domain => ({
      count: domain.count,
      of: places.map((place) => domain.of[place] ?? -1),
    })),
    objectives: {
      ...objectives,
      excess:
        objectives.excess === null
          ? null
          : {
              soft: rows(objectives.excess.soft, hosts, resources),
              weight: rows(objectives.excess.weight, hosts, resources),
            },
      quadratic: objectives.quadratic.map((each) => ({ ...each, scale: rows(each.scale, hosts, 1) })),
      company: objectives.company.filter(own).map((each) => ({ ...each, members: renamed(each.members) })),
      moved: ofMachines(objectives.moved),
      opened: ofHosts(objectives.opened),
      slots: objectives.slots.map((each) => ({
        ...each,
        places: Uint8Array.from(places, (place) => each.places[place] ?? 0),
      })),
      unplaced: ofMachines(objectives.unplaced),
    },
  };
  return { instance, machines, places };
}

/** The unary costs of a part: the classes of its machines, and its places. */
function unaryOf(
  { classOf, cost, staying }: NonNullable<Instance['unary']>,
  width: number,
  machines: Int32Array,
  places: Int32Array,
): NonNullable<Instance['unary']> {
  const classes = [...new Set(machines.map((machine) => classOf[machine] ?? 0))];
  const classAt = new Map(classes.map((own, index) => [own, index]));
  const table = new Float64Array(classes.length * places.length);
  classes.forEach((own, row) => {
    places.forEach((place, column) => (table[row * places.length + column] = cost[own * width + place] ?? 0));
  });
  return {
    classOf: machines.map((machine) => classAt.get(classOf[machine] ?? 0) ?? 0),
    cost: table,
    staying: Float64Array.from(machines, (machine) => staying[machine] ?? 0),
  };
}

function inverse(ids: Int32Array, size: number): Int32Array {
  const table = new Int32Array(size).fill(-1);
  ids.forEach((id, index) => (table[id] = index));
  return table;
}

function count(size: number): Int32Array {
  return Int32Array.from({ length: size }, (_, index) => index);
}
