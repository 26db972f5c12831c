import type { DesiredHost, Host, NumaNode } from '../model/index.js';

/**
 * Countable things of a host by name: `cpus`, `isolated-cpus`, `memory` (ordinary pages, MiB), `hugepages-1048576` (MiB in pages of
 * that size), and the same of one cell as `cell-0/cpus`. A machine that floats over the cells counts against the host only.
 */
export type Amounts = ReadonlyMap<string, number>;

/** What a machine takes of its host. */
export interface Demand {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly hugepageSizeKiB: number;
  readonly isolatedCpus: boolean;
}

/** Everything that a host can hand out; nothing of one that was not observed. */
export function capacityOf(
  host: Host | null,
  { reserved, cpuAllocationRatio: ratio }: Pick<DesiredHost, 'reserved' | 'cpuAllocationRatio'>,
): Amounts {
  const total = new Map<string, number>();
  for (const node of host?.numaNodes ?? []) {
    for (const [name, amount] of cellAmounts(node, ratio)) {
      add(total, name, amount);
      add(total, inCell(node.id, name), amount);
    }
  }
  add(total, 'cpus', -reserved.cpus * ratio);
  add(total, 'memory', -reserved.memoryMiB);
  return total;
}

/** Names of amounts, cells left out. */
export function capacityNames(amounts: Amounts): readonly string[] {
  return [...amounts.keys()].filter((name) => !name.startsWith('cell-'));
}

/** The name of an amount of one cell. */
export function inCell(cell: number, name: string): string {
  return `cell-${cell}/${name}`;
}

/** What a machine takes; of the cell as well when it is pinned to one. */
export function amountsOf(demand: Demand, cell: number | null): Amounts {
  const amounts = new Map<string, number>([['cpus', demand.vcpus]]);
  if (demand.isolatedCpus) amounts.set('isolated-cpus', demand.vcpus);
  const pageKiB = demand.hugepageSizeKiB;
  if (pageKiB === 0) amounts.set('memory', demand.memoryMiB);
  else amounts.set(`hugepages-${pageKiB}`, (Math.ceil((demand.memoryMiB * 1024) / pageKiB) * pageKiB) / 1024);
  if (cell === null) return amounts;
  return new Map([...amounts].flatMap(([name, amount]) => [[name, amount] as const, [inCell(cell, name), amount]]));
}

/** The first of the amounts that does not fit, null when all do. */
export function shortage(
  capacity: Amounts,
  used: Amounts,
  wanted: Amounts,
  concerns: (name: string) => boolean = () => true,
): { readonly name: string; readonly wanted: number; readonly free: number } | null {
  for (const [name, amount] of wanted) {
    const free = (capacity.get(name) ?? 0) - (used.get(name) ?? 0);
    if (concerns(name) && amount > free) return { name, wanted: amount, free: Math.max(0, free) };
  }
  return null;
}

/** Adds to one amount in place. */
export function add(amounts: Map<string, number>, name: string, amount: number): void {
  amounts.set(name, (amounts.get(name) ?? 0) + amount);
}

/** Isolated CPUs are nobody's but their machine's: only the others are handed out more than once. */
function cellAmounts(node: NumaNode, ratio: number): readonly (readonly [string, number])[] {
  const pools = node.hugepages.map(
    (pool) => [`hugepages-${pool.sizeKiB}`, (pool.total * pool.sizeKiB) / 1024] as const,
  );
  const inPools = pools.reduce((sum, [, memoryMiB]) => sum + memoryMiB, 0);
  const cpus = node.isolatedCpus + (node.cpus - node.isolatedCpus) * ratio;
  return [['cpus', cpus], ['isolated-cpus', node.isolatedCpus], ['memory', node.memoryMiB - inPools], ...pools];
}
