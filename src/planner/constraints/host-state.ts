import { unary } from './declare.js';

/** The host is observed and up. */
export const hostState = unary(
  { name: 'host-state', standing: false, always: true },
  {
    reads: () => null,
    against({ host }) {
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
  },
);
