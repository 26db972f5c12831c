import { local } from '../place/devices.js';
import { devices } from './declare.js';

/** A claim that must be local finds a device on the machine’s cell. */
export const numaLocality = devices(
  { name: 'numa-locality', standing: false, always: true },
  {
    among: local,
    sentence: (claim, { host, cell }) =>
      `cell ${cell ?? 'none'} of ${host.name} has no device of class ${claim.class} (claim ${claim.name})`,
  },
);
