import type { Constraint } from './constraint.js';

/** `spec.host` names the host. */
export const requestedHost: Constraint = {
  name: 'requested-host',
  standing: true,
  always: false,
  check({ machine, host }) {
    const wanted = machine.desired.host;
    return wanted === null || wanted === host.name ? null : `spec.host pins ${machine.name} to ${wanted}`;
  },
};
