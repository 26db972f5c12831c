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

/** What is written of the cluster that limits moves beside the plan's own numbers. */
export interface Surroundings {
  readonly accessGroups: readonly {
    readonly name: string;
    readonly hosts: readonly string[];
    /** 0: not limited. */
    readonly uplinkMbps: number;
  }[];
  readonly disruptionBudgets: readonly {
    readonly policy: string;
    readonly machines: readonly string[];
    readonly maxMoving: number;
  }[];
}

type Ceiling = readonly [place: string, limit: number, amount: number];

/** Counts what switches against the plan's limits, the uplinks of access groups and the budgets of placement policies. */
export function limitedSlots(plan: Plan, { accessGroups, disruptionBudgets }: Surroundings): Slots {
  const holders = new Set<string>();
  const inUse = new Map<string, number>();
  const ceilings = (move: Move): readonly Ceiling[] => {
    const hosts = [move.from, move.to].filter((host) => host !== null);
    const groups = accessGroups.filter((group) => group.hosts.some((host) => hosts.includes(host)));
    const budgets =
      move.from === null ? [] : disruptionBudgets.filter(({ machines }) => machines.includes(move.machine));
    // A move within a group stays below its switch, and a first start brings nothing along.
    const crossed =
      move.from === null ? [] : groups.filter(({ hosts: own }) => !hosts.every((host) => own.includes(host)));
    return [
      ['cluster', plan.limits.perCluster, 1],
      ...groups.map((group): Ceiling => [`group ${group.name}`, plan.limits.perGroup, 1]),
      ...hosts.map((host): Ceiling => [`host ${host}`, plan.limits.perHost, 1]),
      ...budgets.map(({ policy, maxMoving }): Ceiling => [`budget ${policy}`, maxMoving, 1]),
      ...crossed
        .filter(({ uplinkMbps }) => uplinkMbps > 0)
        .map((group): Ceiling => {
          const direction = group.hosts.includes(move.to) ? 'in' : 'out';
          const mbps = (move.estimate.bytes * 8) / 1e6 / Math.max(0.1, move.estimate.seconds);
          return [`uplink ${direction} ${group.name}`, group.uplinkMbps, Math.min(mbps, group.uplinkMbps)];
        }),
    ];
  };
  return {
    take: (move) => {
      if (holders.has(move.id)) return true;
      const needed = ceilings(move);
      // Sums of rates are rounded.
      if (needed.some(([place, limit, amount]) => (inUse.get(place) ?? 0) + amount > limit * (1 + 1e-9))) return false;
      for (const [place, , amount] of needed) inUse.set(place, (inUse.get(place) ?? 0) + amount);
      holders.add(move.id);
      return true;
    },
    give: (move) => {
      if (!holders.delete(move.id)) return;
      for (const [place, , amount] of ceilings(move)) inUse.set(place, (inUse.get(place) ?? amount) - amount);
    },
  };
}
