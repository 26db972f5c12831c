import type { Constraint } from './constraint.js';

/** Rules that name the only hosts for a machine. */
export const pin: Constraint = {
  name: 'pin',
  standing: true,
  always: false,
  check({ machine, host }) {
    for (const rule of machine.rules) {
      if (rule.kind === 'pin' && !rule.hosts.includes(host.name)) {
        return `policy ${rule.policy} pins ${machine.name} to ${rule.hosts.join(', ')}`;
      }
    }
    return null;
  },
};
