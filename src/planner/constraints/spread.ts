import type { PlacementRule } from '../../model/index.js';
import type { Occupancy } from '../occupancy.js';
import type { View } from '../view.js';
import type { Constraint } from './constraint.js';
import { domainOf } from './constraint.js';

export type SpreadRule = Extract<PlacementRule, { kind: 'spread' }>;

/** The fullest and the emptiest unit differ by at most `maxSkew` machines; where they do already, nothing makes it worse. */
export const spread: Constraint = {
  name: 'spread',
  standing: true,
  always: false,
  check({ view, occupancy, machine, host }) {
    for (const rule of machine.rules) {
      if (rule.kind !== 'spread') continue;
      const counts = spreadCounts(view, occupancy, rule, { machine: machine.name, host: host.name });
      const own = domainOf(view, host.name, rule.topology);
      const here = counts.get(own) ?? 0;
      const allowed = Math.max(rule.maxSkew, skewOf(spreadCounts(view, occupancy, rule, null)));
      if (here - Math.min(...counts.values()) <= rule.maxSkew && skewOf(counts) <= allowed) continue;
      return `policy ${rule.policy} allows a skew of ${rule.maxSkew}; with ${machine.name} on ${host.name} (${own}) it is ${skewOf(counts)}`;
    }
    return null;
  },
};

/** Difference between the fullest and the emptiest unit. */
export function skewOf(counts: ReadonlyMap<string, number>): number {
  return Math.max(...counts.values()) - Math.min(...counts.values());
}

/** Machines of the rule in each unit of its topology that has a written host, one of them moved to `host`. */
export function spreadCounts(
  view: View,
  occupancy: Occupancy,
  rule: SpreadRule,
  moved: { readonly machine: string; readonly host: string } | null,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const host of view.hosts.values()) {
    counts.set(domainOf(view, host.name, rule.topology), 0);
  }
  for (const machine of rule.machines) {
    const hosts = machine === moved?.machine ? [moved.host] : occupancy.hostsOf(machine);
    for (const domain of new Set(hosts.map((host) => domainOf(view, host, rule.topology)))) {
      counts.set(domain, (counts.get(domain) ?? 0) + 1);
    }
  }
  return counts;
}
