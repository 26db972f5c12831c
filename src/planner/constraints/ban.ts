import type { Constraint } from './constraint.js';

/** Rules that keep a machine off hosts. */
export const ban: Constraint = {
  name: 'ban',
  standing: true,
  always: true,
  check({ machine, host }) {
    for (const rule of machine.rules) {
      if (rule.kind === 'ban' && rule.hosts.includes(host.name)) {
        return `policy ${rule.policy} keeps ${machine.name} off ${host.name}`;
      }
    }
    return null;
  },
};
