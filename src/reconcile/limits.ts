import type { Move, Plan } from '../model/index.js';

/**
 * How many moves may switch at once, on each host, in each access group and altogether. A move has its slot from before the first step that
 * its guest notices or that gives up its hold until the machine runs on the target, or again on the source.
 */
export interface Slots {
  /** True when the move has its slot now, or had it before; false while it has to wait. */
  take(move: Move): boolean;
  /** Without effect for a move that has none. */
  give(move: Move): void;
}

/** Counts what switches against the plan's limits. */
export function limitedSlots(
  plan: Plan,
  accessGroups: readonly { readonly name: string; readonly hosts: readonly string[] }[],
): Slots {
  const holders = new Set<string>();
  const inUse = new Map<string, number>();
  const ceilings = (move: Move): readonly (readonly [place: string, limit: number])[] => {
    const hosts = [move.from, move.to].filter((host) => host !== null);
    const groups = accessGroups.filter((group) => group.hosts.some((host) => hosts.includes(host)));
    return [
      ['cluster', plan.limits.perCluster],
      ...groups.map((group) => [`group ${group.name}`, plan.limits.perGroup] as const),
      ...hosts.map((host) => [`host ${host}`, plan.limits.perHost] as const),
    ];
  };
  return {
    take: (move) => {
      if (holders.has(move.id)) return true;
      const needed = ceilings(move);
      if (needed.some(([place, limit]) => (inUse.get(place) ?? 0) >= limit)) return false;
      for (const [place] of needed) inUse.set(place, (inUse.get(place) ?? 0) + 1);
      holders.add(move.id);
      return true;
    },
    give: (move) => {
      if (!holders.delete(move.id)) return;
      for (const [place] of ceilings(move)) inUse.set(place, (inUse.get(place) ?? 1) - 1);
    },
  };
}
