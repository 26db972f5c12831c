import type { Domain, Instance, Objectives, Rule, Unary } from '../../../src/planner/engine/instance.js';
import { InputError } from '../command.js';
import { exclusionTags, UNTOLD } from './hbal-score.js';
import type { Loads } from './hbal-score.js';
import type { HbalCluster, HbalInstance } from './hbal-text.js';

/** Disk templates whose machines reach their disks from every node: these move, as hbal moves them (failover to any node). */
const SHARED: ReadonlySet<string> = new Set(['ext', 'rbd', 'gluster', 'sharedfile', 'blockdev', 'diskless']);

/** Resources of the packed problem; where somebody flees there is one more, the virtual CPUs of those that do not. */
const RESOURCES = ['memory', 'vcpus', 'cpuLoad', 'memoryLoad', 'diskLoad', 'networkLoad'] as const;
const VCPUS = RESOURCES.indexOf('vcpus');

/** What 4 · (instances on offline nodes) + 16 · (primaries there) makes of one instance. */
const OFFLINE_PRICE = 20;
const EXCLUSION_PRICE = 2;

/** A packed cluster, and what hbal asks of one move beyond what the packed problem says of all of them together. */
export interface Packed extends Instance {
  /** 1: on an offline node, which it may leave even for company of its tags and for more virtual CPUs than the group's ratio allows. */
  readonly fleeing: Uint8Array;
  /** `capacity` for a machine that does not flee: what is used by those that fled counts, too. */
  readonly usual: Float64Array;
}

/**
 * The cluster as a packed problem with hbal's score as objective and hbal's limits as hard ones: free memory stays above the memory
 * reserved for the node's mirrors, virtual CPUs within the group's ratio, nothing comes to company of one of its exclusion tags, to an
 * offline node or into another group. As with hbal, what flees from an offline node is held to memory and group alone. What cannot move
 * (local disks, mirrored disks, no automatic balance) is fixed. Throws `InputError` for what the score here does not model.
 */
export function packCluster(cluster: HbalCluster, loads: Loads | null): Packed {
  refuse(cluster);
  const { nodes, instances } = cluster;
  const [hosts, machines] = [nodes.length, instances.length];
  const fleeing = Uint8Array.from(instances, (instance) =>
    movable(instance) && nodes[instance.primary]?.offline === true ? 1 : 0,
  );
  const resources = RESOURCES.length + (fleeing.includes(1) ? 1 : 0);
  const demand = new Float64Array(machines * resources);
  instances.forEach((instance, index) => {
    const load = loads === null ? UNTOLD : (loads.get(instance.name) ?? UNTOLD);
    const vcpus = instance.status === 'ADMIN_offline' ? 0 : instance.cpus;
    demand.set([instance.memoryMiB, vcpus, ...load], index * resources);
  });
  const { base, capacity, usual } = limits(cluster, loads, resources);
  const everywhere = Int32Array.from(nodes, (_, index) => index);
  const online = nodes.some(({ offline }) => offline)
    ? everywhere.map((index) => (nodes[index]?.offline === true ? -1 : index))
    : everywhere;
  const objectives = objectivesOf(cluster, online === everywhere ? 0 : 1);
  return withFleeing(
    {
      hosts,
      places: hosts,
      machines,
      resources,
      hostOf: everywhere,
      origin: Int32Array.from(instances, ({ primary }) => primary),
      fixed: Uint8Array.from(instances, (instance) => (movable(instance) ? 0 : 1)),
      demand,
      capacity,
      usual,
      base,
      transient: new Uint8Array(resources),
      unary: unaryOf(cluster),
      domains: [...new Set([everywhere, online])].map((of): Domain => ({ of, count: hosts })),
      objectives: { ...objectives, excess: failing(cluster, base, capacity, demand, resources) },
    },
    fleeing,
  );
}

/** The problem that is left once some machines have moved for good: these are fixed, and flee no more. */
export function afterMoves(packed: Packed, moved: ReadonlySet<number>, assignment: Int32Array): Packed {
  const { unary } = packed;
  const left = {
    ...packed,
    origin: assignment,
    fixed: packed.fixed.map((fixed, machine) => (moved.has(machine) ? 1 : fixed)),
    unary: unary && { ...unary, staying: unary.staying.map((price, machine) => (moved.has(machine) ? 0 : price)) },
  };
  return withFleeing(
    left,
    packed.fleeing.map((flees, machine) => (moved.has(machine) ? 0 : flees)),
  );
}

/** Holds all but those that flee to company and to virtual CPUs: they can always move first, so what flees later does not count. */
function withFleeing(instance: Omit<Packed, 'fleeing' | 'rules'>, fleeing: Uint8Array): Packed {
  const { resources, machines, objectives } = instance;
  const demand = instance.demand.slice();
  for (let machine = 0; machine < machines && resources > RESOURCES.length; machine++) {
    const at = machine * resources;
    demand[at + RESOURCES.length] = fleeing[machine] === 1 ? 0 : (demand[at + VCPUS] ?? 0);
  }
  const rules = objectives.company
    .map(({ members, domain }): Rule => {
      const held = members.filter((machine) => fleeing[machine] !== 1);
      return { kind: 'apart', members: held, domain, most: 1, returns: true };
    })
    .filter(({ members }) => members.length > 1);
  return { ...instance, demand, rules, fleeing };
}

/** Whether hbal would move the instance, and we do: its disks are reached from every node, and balancing it is allowed. */
export function movable(instance: HbalInstance): boolean {
  return SHARED.has(instance.template) && instance.secondary < 0 && instance.autoBalance;
}

/** Why the instances that do not move stay, with how many there are of each reason. */
export function stayingWhy({ instances }: HbalCluster): readonly string[] {
  const counts = new Map<string, number>();
  for (const instance of instances) {
    if (movable(instance)) continue;
    const why = !instance.autoBalance
      ? 'with automatic balance off'
      : instance.secondary >= 0
        ? `with mirrored disks (${instance.template}), which hbal would fail over or mirror elsewhere`
        : `with disks on their nodes (${instance.template})`;
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  return [...counts].map(([why, count]) => `${count} ${why}`);
}

function refuse({ file, clusterTags, nodes, instances, lines }: HbalCluster): void {
  const unknown = ['htools:nlocation:', 'htools:desiredlocation:', 'htools:migration:', 'htools:allowmigration:'];
  for (const tag of clusterTags) {
    if (!unknown.some((prefix) => tag.startsWith(prefix))) continue;
    const message = `cluster tag ${tag}: location and migration tags are part of no score here`;
    throw new InputError(file, lines.lastIndexOf(tag) + 1, 1, message);
  }
  const exclusive = nodes.find((node) => node.exclusiveStorage);
  if (exclusive !== undefined)
    throw new InputError(
      file,
      exclusive.line,
      1,
      `node ${exclusive.name} has exclusive storage, which is not modelled`,
    );
  const coming = instances.find((instance) => instance.forthcoming);
  if (coming !== undefined)
    throw new InputError(file, coming.line, 1, `instance ${coming.name} is forthcoming, which is not modelled`);
}

function limits(
  { nodes, instances, vcpuRatio }: HbalCluster,
  loads: Loads | null,
  resources: number,
): Pick<Packed, 'base' | 'capacity' | 'usual'> {
  const placed = new Float64Array(nodes.length);
  const base = new Float64Array(nodes.length * resources);
  const mirrored = nodes.map(() => new Map<number, number>());
  for (const { name, primary, secondary, memoryMiB } of instances) {
    placed[primary] = (placed[primary] ?? 0) + memoryMiB;
    const peers = mirrored[secondary];
    peers?.set(primary, (peers.get(primary) ?? 0) + memoryMiB);
    // A mirror writes what its primary writes.
    const diskLoad = secondary * resources + RESOURCES.indexOf('diskLoad');
    if (secondary >= 0) base[diskLoad] = (base[diskLoad] ?? 0) + (loads?.get(name) ?? UNTOLD)[2];
  }
  const capacity = new Float64Array(nodes.length * resources).fill(Infinity);
  nodes.forEach((node, index) => {
    const reserved = Math.max(0, ...(mirrored[index]?.values() ?? []));
    base[index * resources] = node.memoryMiB - node.freeMemoryMiB - (placed[index] ?? 0);
    base[index * resources + VCPUS] = node.ownCpus;
    // A node fails N+1 when its free memory equals what is reserved; sizes are whole MiB.
    capacity[index * resources] = node.memoryMiB - reserved - 1;
    capacity[index * resources + VCPUS] = (vcpuRatio.get(node.group) ?? 4) * node.cpus;
  });
  const usual = capacity.slice();
  for (let node = 0; node < nodes.length && resources > RESOURCES.length; node++) {
    const [all, some] = [node * resources + VCPUS, node * resources + RESOURCES.length];
    base[some] = base[all] ?? 0;
    capacity[some] = capacity[all] ?? Infinity;
    capacity[all] = Infinity;
  }
  return { base, capacity, usual };
}

function objectivesOf({ nodes, instances, ...cluster }: HbalCluster, online: number): Objectives {
  const hosts = Uint8Array.from(nodes, ({ offline }) => (offline ? 0 : 1));
  const ones = new Float64Array(nodes.length).fill(1);
  const nothing = new Float64Array(nodes.length);
  const scales = [
    Float64Array.from(nodes, ({ memoryMiB }) => (memoryMiB > 0 ? 1 / memoryMiB : 0)),
    Float64Array.from(nodes, ({ cpus, cpuSpeed }) => (cpus * cpuSpeed > 0 ? 1 / (cpus * cpuSpeed) : 0)),
  ];
  const groups = new Map<string, number[]>();
  instances.forEach((instance, index) => {
    for (const tag of exclusionTags({ nodes, instances, ...cluster }, instance.tags)) {
      const members = groups.get(tag);
      if (members === undefined) groups.set(tag, [index]);
      else members.push(index);
    }
  });
  const company = [...groups.values()].filter((members) => members.length > 1);
  return {
    excess: null,
    balance: [],
    deviation: RESOURCES.map((_, resource) => ({
      resource,
      offset: nothing,
      scale: scales[resource] ?? ones,
      weight: 1,
      hosts,
    })),
    quadratic: [],
    company: company.map((members) => ({ members: Int32Array.from(members), domain: online, weight: EXCLUSION_PRICE })),
    moved: null,
    movedTogether: null,
    crossing: null,
    opened: null,
    slots: [],
    unplaced: null,
  };
}

/**
 * Instances on nodes that fail N+1 count 1 each until the node is well again, which is no sum over moves; each MiB too much is priced here
 * so that at the start the sum is the same.
 */
function failing(
  { nodes, instances }: HbalCluster,
  base: Float64Array,
  capacity: Float64Array,
  demand: Float64Array,
  resources: number,
): Objectives['excess'] {
  const weight = new Float64Array(capacity.length);
  const use = base.slice();
  const count = new Int32Array(nodes.length);
  instances.forEach(({ primary, secondary }, index) => {
    use[primary * resources] = (use[primary * resources] ?? 0) + (demand[index * resources] ?? 0);
    for (const node of [primary, secondary]) if (node >= 0) count[node] = (count[node] ?? 0) + 1;
  });
  nodes.forEach(({ offline }, node) => {
    const over = (use[node * resources] ?? 0) - (capacity[node * resources] ?? 0);
    if (!offline && over > 0) weight[node * resources] = (count[node] ?? 0) / over;
  });
  return weight.some((price) => price > 0) ? { soft: capacity, weight } : null;
}

/** A class of machines for each node group; null when there is one group and no offline node, so that all may go everywhere. */
function unaryOf({ nodes, instances }: HbalCluster): Unary | null {
  const groups = [...new Set(nodes.map(({ group }) => group))];
  if (groups.length === 1 && nodes.every(({ offline }) => !offline)) return null;
  const groupOf = nodes.map(({ group }) => groups.indexOf(group));
  const cost = new Float64Array(groups.length * nodes.length);
  groups.forEach((_, index) => {
    nodes.forEach(({ offline }, node) => {
      if (offline || groupOf[node] !== index) cost[index * nodes.length + node] = Infinity;
    });
  });
  return {
    classOf: Int32Array.from(instances, ({ primary }) => groupOf[primary] ?? 0),
    cost,
    staying: Float64Array.from(instances, ({ primary }) => (nodes[primary]?.offline === true ? OFFLINE_PRICE : 0)),
  };
}
