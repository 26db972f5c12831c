import { problem, type PlacementRule, type Problem } from '../../model/index.js';
import type { Resolved } from '../resolve/resolve.js';
import type { Confinements } from './confinement.js';
import { UNIT_WORDS, unitsOf } from './topology.js';

type Together = PlacementRule & { readonly kind: 'affinity' };

/** Affinity that cannot be kept: another rule keeps two of the machines apart, or pins do. */
export function togetherContradictions(resolved: Resolved, confinements: Confinements): readonly Problem[] {
  return resolved.desired.rules.flatMap((rule) =>
    rule.kind === 'affinity'
      ? [...keptApart(resolved, rule as Together), ...pinnedApart(resolved, rule as Together, confinements)]
      : [],
  );
}

function keptApart({ desired }: Resolved, rule: Together): readonly Problem[] {
  const members = new Set(rule.machines);
  return desired.rules.flatMap((other) => {
    if (other.kind !== 'anti-affinity') return [];
    // Machines on one host share its group and its zone as well.
    if (rule.topology !== 'host' && rule.topology !== other.topology) return [];
    const [a, b] = other.machines.filter((machine) => members.has(machine));
    if (a === undefined || b === undefined) return [];
    return [
      problem({
        code: 'AffinityAgainstAntiAffinity',
        message: `"${rule.policy}" keeps ${a} and ${b} together, and "${other.policy}" apart`,
        hint: 'take one of them out of one of the rules',
        place: rule.place,
        related: [{ message: 'kept apart here', place: other.place }],
      }),
    ];
  });
}

function pinnedApart({ desired }: Resolved, rule: Together, confinements: Confinements): readonly Problem[] {
  const units = unitsOf(desired, rule.topology);
  const confined = rule.machines.flatMap((machine) => confinements.of(machine) ?? []);
  const together = new Set(confined.filter(({ hosts }) => hosts.size > 0));
  let common: ReadonlySet<string> = new Set(units.values());
  for (const { hosts, machines, reasons } of together) {
    const possible = new Set([...hosts].map((host) => units.get(host) ?? ''));
    common = new Set([...common].filter((unit) => possible.has(unit)));
    if (common.size > 0) continue;
    const machine = machines[0]?.name ?? '';
    return [
      problem({
        code: 'PinAgainstAffinity',
        message: `"${rule.policy}" keeps machines in one ${UNIT_WORDS[rule.topology]}, and pins or bans keep ${machine} away from the others`,
        hint: 'pin them to the same place, or take one out of the policy',
        place: rule.place,
        related: reasons.slice(0, 3).map(({ message, place }) => ({ message, place })),
      }),
    ];
  }
  return [];
}
