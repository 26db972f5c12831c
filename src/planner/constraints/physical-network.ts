import { onNetwork } from '../place/devices.js';
import type { Constraint } from './constraint.js';

/** A claimed port is plugged into the physical network of its class, and its link is up. */
export const physicalNetwork: Constraint = {
  name: 'physical-network',
  standing: false,
  always: true,
  check(candidate) {
    for (const claim of candidate.machine.desired.claims) {
      if (onNetwork(candidate, claim).length === 0) {
        return `${candidate.host.name} has no port with its link up on the physical network of class ${claim.class} (claim ${claim.name})`;
      }
    }
    return null;
  },
};
