import type { Domain, Instance, Objectives, Unary } from '../../../src/planner/engine/instance.js';
import { InputError } from '../command.js';
import { exclusionTags, UNTOLD } from './hbal-score.js';
import type { Loads } from './hbal-score.js';
import type { HbalCluster, HbalInstance } from './hbal-text.js';

/** Disk templates whose machines reach their disks from every node: these move, as hbal moves them (failover to any node). */
const SHARED: ReadonlySet<string> = new Set(['ext', 'rbd', 'gluster', 'sharedfile', 'blockdev', 'diskless']);

/** Resources of the packed problem. */
const RESOURCES = ['memory', 'vcpus', 'cpuLoad', 'memoryLoad', 'diskLoad', 'networkLoad'] as const;

/** What 4 · (instances on offline nodes) + 16 · (primaries there) makes of one instance. */
const OFFLINE_PRICE = 20;
const EXCLUSION_PRICE = 2;

/**
 * The cluster as a packed problem with hbal's score as objective and hbal's limits as hard ones: free memory stays above the memory
 * reserved for the node's mirrors, virtual CPUs within the group's ratio, nothing comes to an offline node or leaves its group. What cannot
 * move (local disks, mirrored disks, no automatic balance) is fixed. Throws `InputError` for what the score here does not model.
 */
export function packCluster(cluster: HbalCluster, loads: Loads | null): Instance {
  refuse(cluster);
  const { nodes, instances } = cluster;
  const [hosts, machines, resources] = [nodes.length, instances.length, RESOURCES.length];
  const demand = new Float64Array(machines * resources);
  instances.forEach((instance, index) => {
    const load = loads === null ? UNTOLD : (loads.get(instance.name) ?? UNTOLD);
    const vcpus = instance.status === 'ADMIN_offline' ? 0 : instance.cpus;
    demand.set([instance.memoryMiB, vcpus, ...load], index * resources);
  });
  const { base, capacity } = limits(cluster, loads);
  const everywhere = Int32Array.from(nodes, (_, index) => index);
  return {
    hosts,
    places: hosts,
    machines,
    resources,
    hostOf: everywhere,
    origin: Int32Array.from(instances, ({ primary }) => primary),
    fixed: Uint8Array.from(instances, (instance) => (movable(instance) ? 0 : 1)),
    demand,
    capacity,
    base,
    transient: new Uint8Array(resources),
    unary: unaryOf(cluster),
    rules: [],
    domains: [{ of: everywhere, count: hosts } satisfies Domain],
    objectives: { ...objectivesOf(cluster), excess: failing(cluster, base, capacity, demand) },
  };
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
): Pick<Instance, 'base' | 'capacity'> {
  const resources = RESOURCES.length;
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
    base[index * resources + 1] = node.ownCpus;
    // A node fails N+1 when its free memory equals what is reserved; sizes are whole MiB.
    capacity[index * resources] = node.memoryMiB - reserved - 1;
    capacity[index * resources + 1] = (vcpuRatio.get(node.group) ?? 4) * node.cpus;
  });
  return { base, capacity };
}

function objectivesOf({ nodes, instances, ...cluster }: HbalCluster): Objectives {
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
    company: company.map((members) => ({ members: Int32Array.from(members), domain: 0, weight: EXCLUSION_PRICE })),
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
): Objectives['excess'] {
  const resources = RESOURCES.length;
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
