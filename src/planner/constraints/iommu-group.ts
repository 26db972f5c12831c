import { wholeGroup } from '../place/devices.js';
import type { Constraint } from './constraint.js';

/** A device can only be assigned with its whole IOMMU group, and none of the group may be a port that the host itself uses. */
export const iommuGroup: Constraint = {
  name: 'iommu-group',
  standing: false,
  always: true,
  check(candidate) {
    for (const claim of candidate.machine.desired.claims) {
      if (wholeGroup(candidate, claim).length === 0) {
        return `${candidate.host.name} has no device whose whole IOMMU group can be handed out for class ${claim.class} (claim ${claim.name})`;
      }
    }
    return null;
  },
};
