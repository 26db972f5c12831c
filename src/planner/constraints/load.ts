import type { LoadPolicy } from '../../model/index.js';
import { percent } from '../percent.js';
import { special, isThere } from './declare.js';

/** What is known of one metric of a host when a machine comes. */
interface Reading {
  readonly policy: LoadPolicy;
  readonly high: number;
  readonly low: number;
  /** Projected load as a ratio, NaN where it is not known. */
  readonly now: number;
  /** The machine's part of it. */
  readonly more: number;
}

/**
 * The move does not overload the host that it goes to. Relief only goes to hosts that are known to be below the low threshold now;
 * any other move goes wherever it leaves the host below the high one, as far as that is known.
 */
export const load = special(
  { name: 'load', standing: false, always: false },
  {
    kind: 'threshold',
    against(candidate) {
      const { view, occupancy, machine, host, relief } = candidate;
      if (isThere(candidate)) return null;
      const policies = view.loadPolicies.get(host.name) ?? [];
      if (relief !== null && !policies.includes(relief)) return `load policy ${relief.name} is not for ${host.name}`;
      for (const policy of policies) {
        for (const { metric, high, low } of policy.thresholds) {
          const now = occupancy.load(host.name, metric) ?? NaN;
          const more = (view.loads.share(machine.name, metric) ?? 0) / view.loads.full(host.name, metric);
          const fault = faultOf({ policy, high, low, now, more }, relief);
          if (fault === null) continue;
          const what = `${metric} of ${host.name}`;
          switch (fault) {
            case 'unknown':
              return `there is no ${metric} sample of ${host.name}`;
            case 'warm':
              return `${what} is ${percent(now)}, not below the low threshold of ${percent(low)}`;
            case 'hot':
              return `${what} would be ${percent(now + more)}, not below the high threshold of ${percent(high)}`;
          }
        }
      }
      return null;
    },
  },
);

/** What one metric has against the machine, null when it has nothing. */
export function faultOf({ policy, high, low, now, more }: Reading, relief: LoadPolicy | null) {
  if (Number.isNaN(now)) return policy === relief ? 'unknown' : null;
  if (policy === relief && now >= low) return 'warm';
  return now + more >= high ? 'hot' : null;
}
