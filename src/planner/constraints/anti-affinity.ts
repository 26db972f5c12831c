import type { Constraint } from './constraint.js';
import { domainOf } from './constraint.js';

/** No two machines of a rule share a unit of its topology; one that moves counts on both its hosts. */
export const antiAffinity: Constraint = {
  name: 'anti-affinity',
  standing: true,
  always: true,
  check({ view, occupancy, machine, host }) {
    for (const rule of machine.rules) {
      if (rule.kind !== 'anti-affinity') continue;
      const own = domainOf(view, host.name, rule.topology);
      for (const other of rule.machines) {
        if (other === machine.name) continue;
        const shared = occupancy.hostsOf(other).find((place) => domainOf(view, place, rule.topology) === own);
        if (shared !== undefined) {
          return `policy ${rule.policy} keeps ${machine.name} apart from ${other}, which is on ${shared}`;
        }
      }
    }
    return null;
  },
};
