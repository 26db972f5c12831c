import { percent } from '../percent.js';
import type { Constraint } from './constraint.js';
import { isThere } from './constraint.js';

/**
 * The move does not overload the host that it goes to. Relief only goes to hosts that are known to be below the low threshold now;
 * any other move goes wherever it leaves the host below the high one, as far as that is known.
 */
export const load: Constraint = {
  name: 'load',
  standing: false,
  always: false,
  check(candidate) {
    const { view, occupancy, machine, host, relief } = candidate;
    if (isThere(candidate)) return null;
    const policies = view.desired.loadPolicies.filter((policy) => policy.hosts.includes(host.name));
    if (relief !== null && !policies.includes(relief)) return `load policy ${relief.name} is not for ${host.name}`;
    for (const policy of policies) {
      for (const { metric, high, low } of policy.thresholds) {
        const now = occupancy.load(host.name, metric);
        if (now === null) {
          if (policy === relief) return `there is no ${metric} sample of ${host.name}`;
          continue;
        }
        if (policy === relief && now >= low) {
          return `${metric} of ${host.name} is ${percent(now)}, not below the low threshold of ${percent(low)}`;
        }
        const after = now + (view.loads.share(machine.name, metric) ?? 0) / view.loads.full(host.name, metric);
        if (after >= high) {
          return `${metric} of ${host.name} would be ${percent(after)}, not below the high threshold of ${percent(high)}`;
        }
      }
    }
    return null;
  },
};
