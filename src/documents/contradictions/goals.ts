import { problem, type LoadPolicy, type Problem } from '../../model/index.js';
import type { Resolved } from '../resolve/resolve.js';

/** Load policies that would undo each other's moves on a host: one spreads machines, the other brings them together. */
export function goalContradictions({ desired }: Resolved): readonly Problem[] {
  const active = desired.loadPolicies.filter((policy) => !policy.suspended);
  return active
    .filter(({ goal }) => goal === 'consolidate')
    .flatMap((consolidating) => active.flatMap((other) => opposition(consolidating, other) ?? []));
}

function opposition(consolidating: LoadPolicy, other: LoadPolicy): Problem | null {
  const shared = consolidating.hosts.find((host) => other.hosts.includes(host));
  if (other.goal !== 'balance' || shared === undefined) return null;
  return problem({
    code: 'OpposedGoals',
    message: `load policy ${consolidating.name} brings the machines of ${shared} together, and ${other.name} spreads them`,
    hint: `take ${shared} out of the hosts of one of the two, or suspend one of them: they would move the same machines to and fro without end`,
    place: consolidating.place,
    related: [{ message: 'the policy that spreads', place: other.place }],
  });
}
