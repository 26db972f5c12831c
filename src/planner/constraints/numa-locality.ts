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
        const place = `cell ${candidate.cell ?? 'none'} of ${candidate.host.name}`;
        return `${place} has no device of class ${claim.class} (claim ${claim.name})`;
      }
    }
    return null;
  },
};
