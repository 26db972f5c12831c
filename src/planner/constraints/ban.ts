import { unary } from './declare.js';

/** Rules that keep a machine off hosts. */
export const ban = unary(
  { name: 'ban', standing: true, always: true },
  {
    reads: ({ rules }) => rules.flatMap((rule) => (rule.kind === 'ban' ? [rule.hosts] : [])),
    against({ machine, host }) {
      for (const rule of machine.rules) {
        if (rule.kind === 'ban' && rule.hosts.includes(host.name)) {
          return `policy ${rule.policy} keeps ${machine.name} off ${host.name}`;
        }
      }
      return null;
    },
  },
);
