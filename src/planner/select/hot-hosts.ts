import type { Cause, LoadPolicy, Metric } from '../../model/index.js';
import type { Occupancy } from '../occupancy.js';
import type { HostView, View } from '../view.js';

/** A host above the high threshold of a policy for all the windows that the policy holds. */
export interface HotHost {
  readonly host: HostView;
  readonly policy: LoadPolicy;
  readonly metric: Metric;
  readonly high: number;
  readonly low: number;
  /** Newest window. */
  readonly value: number;
}

/** Zhao's first stage: the hosts to relieve, hottest first. A missing window never triggers; moves that come count as made. */
export function hotHosts(view: View, policy: LoadPolicy, final: Occupancy): readonly HotHost[] {
  const found: HotHost[] = [];
  for (const name of policy.hosts) {
    const host = view.hosts.get(name);
    if (host?.observed?.state !== 'up') continue;
    const above = policy.thresholds.flatMap(({ metric, high, low }): HotHost[] => {
      const windows = view.loads.held(name, metric, policy);
      const projected = final.load(name, metric);
      if (windows === null || projected === null) return [];
      const held = windows.every((value) => value > high) && projected > high;
      return held ? [{ host, policy, metric, high, low, value: windows.at(-1) ?? 0 }] : [];
    });
    const hottest = above.toSorted((a, b) => excess(b) - excess(a))[0];
    if (hottest !== undefined) found.push(hottest);
  }
  return found.toSorted((a, b) => excess(b) - excess(a) || (a.host.name < b.host.name ? -1 : 1));
}

/** What the plan says of a hot host. */
export function loadCause({ host, policy, metric, value, high }: HotHost): Cause {
  return { kind: 'load', host: host.name, metric, value, threshold: high, policy: policy.name };
}

function excess(hot: HotHost): number {
  return hot.value - hot.high;
}
