import { onNetwork } from '../place/devices.js';
import { devices } from './declare.js';

/** A claimed port is plugged into the physical network of its class, and its link is up. */
export const physicalNetwork = devices(
  { name: 'physical-network', standing: false, always: true },
  {
    among: onNetwork,
    sentence: (claim, { host }) =>
      `${host.name} has no port with its link up on the physical network of class ${claim.class} (claim ${claim.name})`,
  },
);
