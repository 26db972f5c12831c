import type { Constraint } from './constraint.js';
import { domainOf } from './constraint.js';

/** Machines of a rule are together in one unit of its topology; machines that run nowhere do not count. */
export const affinity: Constraint = {
  name: 'affinity',
  standing: true,
  always: false,
  check({ view, occupancy, machine, host }) {
    for (const rule of machine.rules) {
      if (rule.kind !== 'affinity') continue;
      const own = domainOf(view, host.name, rule.topology);
      for (const other of rule.machines) {
        if (other === machine.name) continue;
        const apart = occupancy.hostsOf(other).find((place) => domainOf(view, place, rule.topology) !== own);
        if (apart !== undefined) {
          return `policy ${rule.policy} keeps ${machine.name} with ${other}, which is on ${apart}`;
        }
      }
    }
    return null;
  },
};
