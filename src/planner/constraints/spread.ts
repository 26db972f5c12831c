import type { PlacementRule } from '../../model/index.js';
import type { Occupancy } from '../occupancy.js';
import type { View } from '../view.js';
import type { Candidate, Counts } from './constraint.js';
import { domainOf } from './constraint.js';
import { company, rangeOf } from './declare.js';

export type SpreadRule = Extract<PlacementRule, { kind: 'spread' }>;

/** The fullest and the emptiest unit differ by at most `maxSkew` machines; where they do already, nothing makes it worse. */
export const spread = company<SpreadRule>(
  { name: 'spread', standing: true, always: false },
  {
    of: 'spread',
    open(rule, others, now) {
      const before = rangeOf(now);
      const rest = rangeOf(others);
      const emptiest = others.members.filter((count, unit) => counts(others, unit) && count === rest.least).length;
      const second = least(others, rest.least);
      const allowed = Math.max(rule.maxSkew, before.most - before.least);
      return (unit) => {
        const here = (others.members[unit] ?? 0) + 1;
        const lowest = here - 1 === rest.least && emptiest === 1 ? Math.min(second, here) : rest.least;
        return here - lowest <= rule.maxSkew && Math.max(rest.most, here) - lowest <= allowed;
      };
    },
    limit: ({ maxSkew }) => ({ kind: 'skew', most: maxSkew }),
    sentence(rule, { view, occupancy, machine, host }: Candidate) {
      const skew = skewOf(spreadCounts(view, occupancy, rule, { machine: machine.name, host: host.name }));
      const own = domainOf(view, host.name, rule.topology);
      return `policy ${rule.policy} allows a skew of ${rule.maxSkew}; with ${machine.name} on ${host.name} (${own}) it is ${skew}`;
    },
  },
);

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

function counts({ members, written }: Counts, unit: number): boolean {
  return unit < written || (members[unit] ?? 0) > 0;
}

/** The least count above a given one, Infinity when there is none. */
function least(counted: Counts, above: number): number {
  return counted.members.reduce(
    (found, count, unit) => (counts(counted, unit) && count > above && count < found ? count : found),
    Infinity,
  );
}
