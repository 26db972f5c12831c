import type { Constraint } from './constraint.js';

/** The host is observed and up. */
export const hostState: Constraint = {
  name: 'host-state',
  standing: false,
  always: true,
  check({ host }) {
    if (host.observed === null) return `${host.name} is written in Git but was not observed`;
    switch (host.observed.state) {
      case 'up':
        return null;
      case 'down':
        return `${host.name} is down`;
      case 'unknown':
        return `${host.name} does not answer`;
    }
  },
};
