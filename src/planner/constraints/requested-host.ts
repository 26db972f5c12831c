import { unary } from './declare.js';

/** `spec.host` names the host. */
export const requestedHost = unary(
  { name: 'requested-host', standing: true, always: false },
  {
    reads: ({ desired }) => desired.host,
    against({ machine, host }) {
      const wanted = machine.desired.host;
      return wanted === null || wanted === host.name ? null : `spec.host pins ${machine.name} to ${wanted}`;
    },
  },
);
