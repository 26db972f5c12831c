import type { TeamRule } from './constraint.js';
import { company, memberIn } from './declare.js';

type Rule = Extract<TeamRule, { kind: 'affinity' | 'anti-affinity' }>;

/** Machines of a rule are together in one unit of its topology; machines that run nowhere do not count. */
export const affinity = company<Rule>(
  { name: 'affinity', standing: true, always: false },
  {
    of: 'affinity',
    open: (_, { members }) => {
      const first = members.findIndex((count) => count > 0);
      const last = members.findLastIndex((count) => count > 0);
      return (unit) => first < 0 || (first === last && unit === first);
    },
    limit: () => ({ kind: 'together' }),
    sentence: (rule, candidate) => {
      const { name, place } = memberIn(rule, candidate, 'elsewhere');
      return `policy ${rule.policy} keeps ${candidate.machine.name} with ${name}, which is on ${place}`;
    },
  },
);
