import type { PlacementRule } from '../../model/index.js';
import type { Occupancy } from '../occupancy.js';
import type { View } from '../view.js';
import type { Constraint } from './constraint.js';
import { domainOf } from './constraint.js';

export type SpreadRule = Extract<PlacementRule, { kind: 'spread' }>;

/** The unit that a machine comes to has at most `maxSkew` machines of the rule more than the emptiest one. */
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
      const skew = here - Math.min(...counts.values());
      if (skew > rule.maxSkew) {
        return `policy ${rule.policy} allows a skew of ${rule.maxSkew}; with ${machine.name}, ${own} has ${here}, ${skew} more than the emptiest`;
      }
    }
    return null;
  },
};

/**
 * Machines of the rule in each unit of its topology, one of them moved to `host`. A unit in which no host takes machines now
 * (all of them down or in maintenance) counts only while machines of the rule are in it.
 */
export function spreadCounts(
  view: View,
  occupancy: Occupancy,
  rule: SpreadRule,
  moved: { readonly machine: string; readonly host: string } | null,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const host of view.hosts.values()) {
    if (host.observed?.state === 'up' && host.desired.maintenance === 'none') {
      counts.set(domainOf(view, host.name, rule.topology), 0);
    }
  }
  for (const machine of rule.machines) {
    const hosts = machine === moved?.machine ? [moved.host] : occupancy.hostsOf(machine);
    for (const domain of new Set(hosts.map((host) => domainOf(view, host, rule.topology)))) {
      counts.set(domain, (counts.get(domain) ?? 0) + 1);
    }
  }
  return counts;
}
