import { unary } from './declare.js';

/** A machine that needs precise time has a synchronised PTP clock on its host. */
export const ptp = unary(
  { name: 'ptp', standing: false, always: true },
  {
    reads: ({ desired }) => desired.ptp,
    against({ machine, host }) {
      if (!machine.desired.ptp || host.observed?.ptp === true) return null;
      return `${machine.name} needs a synchronised PTP clock; ${host.name} has none`;
    },
  },
);
