import type { Constraint } from './constraint.js';

/** A machine that needs precise time has a synchronised PTP clock on its host. */
export const ptp: Constraint = {
  name: 'ptp',
  standing: false,
  always: true,
  check({ machine, host }) {
    if (!machine.desired.ptp || host.observed?.ptp === true) return null;
    return `${machine.name} needs a synchronised PTP clock; ${host.name} has none`;
  },
};
