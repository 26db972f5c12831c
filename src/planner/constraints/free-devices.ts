import { matchClaims } from '../place/devices.js';
import { special } from './declare.js';

/** Every claim gets a free device of its own. */
export const freeDevices = special(
  { name: 'free-devices', standing: false, always: true },
  {
    kind: 'matching',
    against(candidate) {
      const match = matchClaims(candidate);
      if (match.kind === 'matched') return null;
      return `no free device of class ${match.claim.class} is left on ${candidate.host.name} for claim ${match.claim.name}`;
    },
  },
);
