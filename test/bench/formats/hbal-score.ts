import type { HbalCluster } from './hbal-text.js';
import { LOCAL } from './hbal-text.js';

export type Loads = ReadonlyMap<string, readonly [number, number, number, number]>;

/** Load of an instance that no file tells: 1 each, as hbal counts. */
export const UNTOLD: readonly [number, number, number, number] = [1, 1, 1, 1];

/** Tags by which instances should not share a node: those with a prefix that a cluster tag `htools:iextags:PREFIX` names. */
export function exclusionTags(cluster: HbalCluster, tags: readonly string[]): readonly string[] {
  const prefixes = cluster.clusterTags
    .filter((tag) => tag.startsWith(IEXTAGS))
    .map((tag) => `${tag.slice(IEXTAGS.length)}:`);
  return tags.filter((tag) => prefixes.some((prefix) => tag.startsWith(prefix)));
}

/** Names of the score's parts, with hbal's weights (those of the parts that count forthcoming instances are added to their twins). */
const WEIGHTS = {
  freeMemory: 1,
  freeDisk: 1,
  failing: 1,
  reserved: 1,
  reservedSum: 0.25,
  offlineAll: 4,
  offlinePrimary: 16,
  vcpus: 1,
  cpuLoad: 1,
  memoryLoad: 1,
  diskLoad: 1,
  networkLoad: 1,
  exclusion: 2,
  spindles: 1,
} as const;

export type ScorePart = keyof typeof WEIGHTS;

/** What each part adds to hbal's score of a placement (instance → node), computed from nothing; memory that nobody accounts for stays. */
export function scoreParts(
  cluster: HbalCluster,
  loads: Loads | null,
  primary: ArrayLike<number>,
  secondary: ArrayLike<number>,
): Readonly<Record<ScorePart, number>> {
  const { nodes, instances } = cluster;
  const zeros = () => nodes.map(() => 0);
  const at = (table: readonly number[], index: number) => table[index] ?? 0;
  const add = (table: number[], node: number, amount: number) => {
    if (node >= 0) table[node] = at(table, node) + amount;
  };
  const freeMemory = nodes.map((node) => node.freeMemoryMiB);
  const freeDisk = nodes.map((node) => node.freeDiskMiB);
  const cpus = nodes.map((node) => node.ownCpus);
  const [spindles, primaries, secondaries] = [zeros(), zeros(), zeros()];
  const sums = [zeros(), zeros(), zeros(), zeros()] as const;
  const company = new Map<string, number>();
  const mirrored = nodes.map(() => new Map<number, number>());
  instances.forEach((instance, index) => {
    const [p, s] = [primary[index] ?? -1, secondary[index] ?? -1];
    add(freeMemory, instance.primary, instance.memoryMiB);
    add(freeMemory, p, -instance.memoryMiB);
    if (LOCAL.has(instance.template)) {
      for (const node of [instance.primary, instance.secondary]) add(freeDisk, node, instance.diskMiB);
      for (const node of [p, s]) {
        add(freeDisk, node, -instance.diskMiB);
        add(spindles, node, instance.spindleUse);
      }
    }
    if (instance.status !== 'ADMIN_offline') add(cpus, p, instance.cpus);
    const load = loads === null ? UNTOLD : (loads.get(instance.name) ?? UNTOLD);
    sums.forEach((table, metric) => {
      add(table, p, load[metric] ?? 0);
    });
    add(primaries, p, 1);
    // hbal takes no notice of company on a node that is offline.
    for (const tag of nodes[p]?.offline === false ? exclusionTags(cluster, instance.tags) : [])
      company.set(`${p} ${tag}`, (company.get(`${p} ${tag}`) ?? 0) + 1);
    if (s < 0) return;
    add(secondaries, s, 1);
    add(sums[2], s, load[2]);
    const peers = mirrored[s];
    peers?.set(p, (peers.get(p) ?? 0) + instance.memoryMiB);
  });
  const online = nodes.map((_, index) => index).filter((index) => nodes[index]?.offline === false);
  const offline = nodes.map((_, index) => index).filter((index) => nodes[index]?.offline === true);
  const total = (index: number) => nodes[index] ?? NO_NODE;
  const sum = (indices: readonly number[], value: (index: number) => number) =>
    indices.reduce((all, index) => all + value(index), 0);
  const spread = (value: (index: number) => number) => {
    const mean = sum(online, value) / Math.max(1, online.length);
    return Math.sqrt(sum(online, (index) => (value(index) - mean) ** 2) / Math.max(1, online.length));
  };
  const ratio = (amount: number, whole: number, without: number) => (whole === 0 ? without : amount / whole);
  const reserve = (index: number) => Math.max(0, ...(mirrored[index]?.values() ?? []));
  const reserved = (index: number) => ratio(reserve(index), total(index).memoryMiB, 0);
  const failing = online.filter((index) => at(freeMemory, index) <= reserve(index));
  const values: Record<ScorePart, number> = {
    freeMemory: spread((index) => ratio(at(freeMemory, index), total(index).memoryMiB, 0)),
    freeDisk: spread((index) => ratio(at(freeDisk, index), total(index).diskMiB, 1)),
    failing: sum(failing, (index) => at(primaries, index) + at(secondaries, index)),
    reserved: spread(reserved),
    reservedSum: sum(online, reserved),
    offlineAll: sum(offline, (index) => at(primaries, index) + at(secondaries, index)),
    offlinePrimary: sum(offline, (index) => at(primaries, index)),
    vcpus: spread((index) => ratio(at(cpus, index), total(index).cpus * total(index).cpuSpeed, 0)),
    cpuLoad: spread((index) => at(sums[0], index)),
    memoryLoad: spread((index) => at(sums[1], index)),
    diskLoad: spread((index) => at(sums[2], index)),
    networkLoad: spread((index) => at(sums[3], index)),
    exclusion: [...company.values()].reduce((all, count) => all + count - 1, 0),
    spindles: spread((index) => ratio(at(spindles, index), total(index).spindles * SPINDLE_RATIO, 0)),
  };
  for (const part of Object.keys(WEIGHTS) as ScorePart[]) values[part] *= WEIGHTS[part];
  return values;
}

/** hbal's score: the sum of the parts. */
export function scoreOf(
  cluster: HbalCluster,
  loads: Loads | null,
  primary: ArrayLike<number>,
  secondary: ArrayLike<number>,
): number {
  return Object.values(scoreParts(cluster, loads, primary, secondary)).reduce((sum, value) => sum + value, 0);
}

const IEXTAGS = 'htools:iextags:';
const SPINDLE_RATIO = 32;
const NO_NODE = { memoryMiB: 0, diskMiB: 0, cpus: 0, cpuSpeed: 1, spindles: 0 } as const;
