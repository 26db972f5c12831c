import { unary } from './declare.js';

/** Load relief stays behind the access switch where its policy says so. */
export const groupPolicy = unary(
  { name: 'group-policy', standing: false, always: false },
  {
    reads: ({ running }, view) => view.hosts.get(running?.host ?? '')?.desired.accessGroup ?? null,
    against({ view, machine, host, relief }) {
      if (relief?.crossGroup !== 'never' || machine.running === null) return null;
      const own = view.hosts.get(machine.running.host)?.desired.accessGroup;
      if (own === host.desired.accessGroup) return null;
      return `load policy ${relief.name} keeps machines in their access group; ${host.name} is in ${host.desired.accessGroup}`;
    },
  },
);
