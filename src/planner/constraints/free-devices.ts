import { matchClaims } from '../place/devices.js';
import type { Constraint } from './constraint.js';

/** Every claim gets a free device of its own. */
export const freeDevices: Constraint = {
  name: 'free-devices',
  standing: false,
  always: true,
  check(candidate) {
    const match = matchClaims(candidate);
    if (match.kind === 'matched') return null;
    return `no free device of class ${match.claim.class} is left on ${candidate.host.name} for claim ${match.claim.name}`;
  },
};
