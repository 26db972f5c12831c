import { ofClass } from '../place/devices.js';
import type { Constraint } from './constraint.js';

/** The host has a device of each claimed class. */
export const deviceClass: Constraint = {
  name: 'device-class',
  standing: false,
  always: true,
  check(candidate) {
    for (const claim of candidate.machine.desired.claims) {
      if (ofClass(candidate, claim).length === 0) {
        return `${candidate.host.name} has no device of class ${claim.class} (claim ${claim.name})`;
      }
    }
    return null;
  },
};
