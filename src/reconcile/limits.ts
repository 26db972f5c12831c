import type { Plan, Step } from '../model/index.js';

/** How many migrations and starts may run at once, on each host, in each access group and altogether. */
export interface Slots {
  /** False while the step has to wait; a step that is no migration and no start needs no slot. */
  take(step: Step): boolean;
  give(step: Step): void;
}

/** Counts what runs against the plan's limits. */
export function limitedSlots(
  plan: Plan,
  accessGroups: readonly { readonly name: string; readonly hosts: readonly string[] }[],
): Slots {
  const inUse = new Map<string, number>();
  const ceilings = (step: Step): readonly (readonly [place: string, limit: number])[] => {
    if (step.kind !== 'migrate' && step.kind !== 'start') return [];
    const move = plan.moves.find((candidate) => candidate.id === step.move);
    const hosts = [move?.from, move?.to].filter((host) => host !== null && host !== undefined);
    const groups = accessGroups.filter((group) => group.hosts.some((host) => hosts.includes(host)));
    return [
      ['cluster', plan.limits.perCluster],
      ...groups.map((group) => [`group ${group.name}`, plan.limits.perGroup] as const),
      ...hosts.map((host) => [`host ${host}`, plan.limits.perHost] as const),
    ];
  };
  return {
    take: (step) => {
      const needed = ceilings(step);
      if (needed.some(([place, limit]) => (inUse.get(place) ?? 0) >= limit)) return false;
      for (const [place] of needed) inUse.set(place, (inUse.get(place) ?? 0) + 1);
      return true;
    },
    give: (step) => {
      for (const [place] of ceilings(step)) inUse.set(place, (inUse.get(place) ?? 1) - 1);
    },
  };
}
