import { unary } from './declare.js';

/** Rules that name the only hosts for a machine. */
export const pin = unary(
  { name: 'pin', standing: true, always: false },
  {
    reads: ({ rules }) => rules.flatMap((rule) => (rule.kind === 'pin' ? [rule.hosts] : [])),
    against({ machine, host }) {
      for (const rule of machine.rules) {
        if (rule.kind === 'pin' && !rule.hosts.includes(host.name)) {
          return `policy ${rule.policy} pins ${machine.name} to ${rule.hosts.join(', ')}`;
        }
      }
      return null;
    },
  },
);
