import type { HostView, View } from '../view.js';
import type { Constraint } from './constraint.js';

/** The round trip from the host to each site is within the budgets of machine and rules. */
export const latency: Constraint = {
  name: 'latency',
  standing: true,
  always: true,
  check({ view, machine, host }) {
    const budgets = [
      ...machine.desired.latencyBudgets,
      ...machine.rules.flatMap((rule) => (rule.kind === 'latency' ? [{ site: rule.site, maxMs: rule.maxMs }] : [])),
    ];
    for (const { site, maxMs } of budgets) {
      const ms = roundTripMs(view, host, site);
      if (ms === null) return `nothing is known of the round trip from ${host.name} to ${site}`;
      if (ms > maxMs) return `the round trip from ${host.name} to ${site} takes ${ms} ms; ${maxMs} ms are allowed`;
    }
    return null;
  },
};

/** What was measured from the host, else what is written for its access group. */
function roundTripMs(view: View, host: HostView, site: string): number | null {
  const measured = view.world.latencies.find((entry) => entry.host === host.name && entry.site === site);
  return measured?.ms ?? view.groups.get(host.desired.accessGroup)?.latencyMs[site] ?? null;
}
