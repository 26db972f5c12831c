import { local } from '../place/devices.js';
import type { Constraint } from './constraint.js';

/** A claim that must be local finds a device on the machine’s cell. */
export const numaLocality: Constraint = {
  name: 'numa-locality',
  standing: false,
  always: true,
  check(candidate) {
    for (const claim of candidate.machine.desired.claims) {
      if (local(candidate, claim).length === 0) {
        return `${candidate.host.name} has no device on that cell for class ${claim.class} (claim ${claim.name})`;
      }
    }
    return null;
  },
};
