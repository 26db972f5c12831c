import { unary } from './declare.js';

/** Nothing comes to a cordoned host, and nothing stays on one that is drained. */
export const maintenance = unary(
  { name: 'maintenance', standing: true, always: true },
  {
    reads: () => null,
    against({ host, there }) {
      switch (host.desired.maintenance) {
        case 'none':
          return null;
        case 'cordon':
          return there ? null : `${host.name} is cordoned`;
        case 'drain':
          return `${host.name} is drained`;
      }
    },
  },
);
