import type { Constraint } from './constraint.js';
import { isThere } from './constraint.js';

/** Nothing comes to a cordoned host, and nothing stays on one that is drained. */
export const maintenance: Constraint = {
  name: 'maintenance',
  standing: true,
  always: true,
  check(candidate) {
    const { host } = candidate;
    switch (host.desired.maintenance) {
      case 'none':
        return null;
      case 'cordon':
        return isThere(candidate) ? null : `${host.name} is cordoned`;
      case 'drain':
        return `${host.name} is drained`;
    }
  },
};
