import type { NodeStats } from '../rpc/index.js';

/** Share of a host's CPU time between two looks that was spent on something; null when a counter is missing or began anew. */
export function cpuShare(before: NodeStats, after: NodeStats): number | null {
  const spent = (name: string): number => (after[name] ?? NaN) - (before[name] ?? NaN);
  const busy = [spent('user'), spent('kernel')];
  // A host that does not tell what it waited for disks has told it as idle.
  const idle = [spent('idle'), 'iowait' in after ? spent('iowait') : 0];
  const all = [...busy, ...idle];
  if (all.some((value) => !(value >= 0))) return null;
  const sum = all.reduce((total, value) => total + value, 0);
  return sum === 0 ? null : (spent('user') + spent('kernel')) / sum;
}

/** Share of a host's memory that cannot be had: what is neither free nor a cache; null when the host does not tell. */
export function memoryShare(stats: NodeStats): number | null {
  const { total, free, buffers = 0, cached = 0 } = stats;
  if (total === undefined || free === undefined || total <= 0) return null;
  return Math.min(1, Math.max(0, (total - free - buffers - cached) / total));
}
