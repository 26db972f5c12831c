import { ofClass } from '../place/devices.js';
import { devices } from './declare.js';

/** The host has a device of each claimed class. */
export const deviceClass = devices(
  { name: 'device-class', standing: false, always: true },
  {
    among: ofClass,
    sentence: (claim, { host }) => `${host.name} has no device of class ${claim.class} (claim ${claim.name})`,
  },
);
