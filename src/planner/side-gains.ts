import type { Reasoning } from '../model/index.js';
import { Occupancy } from './occupancy.js';
import { deviationAfter } from './select/goals/imbalance.js';
import type { Wish } from './select/wish.js';
import type { View } from './view.js';

type Gains = Reasoning['gains'];

/**
 * What moves change besides that nobody chose for the sake of an objective, those that rules and drains ask for and starts: how even the hosts
 * are, each move against staying where it is, and hosts that come into use or go out of it, shared out among the moves that do that together.
 */
export function sideGainsOf(view: View, final: Occupancy, wishes: readonly Wish[]): (wish: Wish) => Gains {
  const [before, after] = [Occupancy.of(view), final].map((occupancy) => crowdOf(view, occupancy));
  const leaving = counted(wishes.flatMap(({ source }) => (source === null ? [] : [source.host])));
  const coming = counted(wishes.map(({ target }) => target.host));
  const hosts = [...view.hosts.values()];
  return ({ machine: { name, running }, target, cause }) => {
    if ('policy' in cause) return [];
    const here = running?.host ?? '';
    const emptied = running !== null && view.hosts.has(here) && !after?.has(here) ? 1 / (leaving.get(here) ?? 1) : 0;
    const opened = before?.has(target.host) === true ? 0 : 1 / (coming.get(target.host) ?? 1);
    const evened = view.loads.metrics.map((metric) => {
      const share = view.loads.share(name, metric) ?? 0;
      if (share === 0 || running === null || target.host === here) return 0;
      const back = new Map([
        [target.host, -share / view.loads.full(target.host, metric)],
        [here, share / view.loads.full(here, metric)],
      ]);
      return hosts.length * (deviationAfter(final, hosts, metric, back) - deviationAfter(final, hosts, metric));
    });
    return [
      { objective: 'imbalance' as const, gain: evened.reduce((sum, gain) => sum + gain, 0) },
      { objective: 'hostsInUse' as const, gain: emptied - opened },
    ];
  };
}

/** Hosts with a machine on them. */
function crowdOf({ machines, world }: View, occupancy: Occupancy): ReadonlySet<string> {
  const names = new Set([...machines.keys(), ...world.machines.map(({ name }) => name)]);
  return new Set([...names].flatMap((name) => occupancy.hostsOf(name)));
}

function counted(hosts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1);
  return counts;
}
