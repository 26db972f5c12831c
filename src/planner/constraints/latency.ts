import type { HostView, MachineView, View } from '../view.js';
import { unary } from './declare.js';

/** The round trip from the host to each site is within the budgets of machine and rules. */
export const latency = unary(
  { name: 'latency', standing: true, always: true },
  {
    reads: budgetsOf,
    against({ view, machine, host }) {
      for (const { site, maxMs } of budgetsOf(machine)) {
        const ms = roundTripMs(view, host, site);
        if (ms === null) return `nothing is known of the round trip from ${host.name} to ${site}`;
        if (ms > maxMs) return `the round trip from ${host.name} to ${site} takes ${ms} ms; ${maxMs} ms are allowed`;
      }
      return null;
    },
  },
);

function budgetsOf({ desired, rules }: MachineView): readonly { readonly site: string; readonly maxMs: number }[] {
  const ruled = rules.flatMap((rule) => (rule.kind === 'latency' ? [{ site: rule.site, maxMs: rule.maxMs }] : []));
  return [...desired.latencyBudgets.map(({ site, maxMs }) => ({ site, maxMs })), ...ruled];
}

/** What was measured from the host, else what is written for its access group. */
function roundTripMs(view: View, host: HostView, site: string): number | null {
  const measured = view.latencies.get(host.name)?.get(site);
  return measured ?? view.groups.get(host.desired.accessGroup)?.latencyMs[site] ?? null;
}
