import { wholeGroup } from '../place/devices.js';
import { devices } from './declare.js';

/** A device can only be assigned with its whole IOMMU group, and none of the group may be a port that the host itself uses. */
export const iommuGroup = devices(
  { name: 'iommu-group', standing: false, always: true },
  {
    among: wholeGroup,
    sentence: (claim, { host }) =>
      `${host.name} has no device whose whole IOMMU group can be handed out for class ${claim.class} (claim ${claim.name})`,
  },
);
