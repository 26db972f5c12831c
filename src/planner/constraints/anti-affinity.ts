import type { TeamRule } from './constraint.js';
import { company, memberIn } from './declare.js';

type Rule = Extract<TeamRule, { kind: 'affinity' | 'anti-affinity' }>;

/** No two machines of a rule share a unit of its topology; one that moves counts on both its hosts. */
export const antiAffinity = company<Rule>(
  { name: 'anti-affinity', standing: true, always: true },
  {
    of: 'anti-affinity',
    open:
      (_, { members }) =>
      (unit) =>
        (members[unit] ?? 0) === 0,
    limit: () => ({ kind: 'apart', most: 1 }),
    sentence: (rule, candidate) => {
      const { name, place } = memberIn(rule, candidate, 'here');
      return `policy ${rule.policy} keeps ${candidate.machine.name} apart from ${name}, which is on ${place}`;
    },
  },
);
