import { problem, type Desired, type Place, type PlacementRule, type Problem } from '../../model/index.js';
import type { Resolved } from '../resolve/resolve.js';
import type { Confinements } from './confinement.js';
import { UNIT_WORDS, unitsOf } from './topology.js';

type Apart = PlacementRule & { readonly kind: 'anti-affinity' };

/** Anti-affinity that cannot be kept: two machines confined to one unit, or more machines than units. */
export function apartContradictions(resolved: Resolved, confinements: Confinements): readonly Problem[] {
  const { desired } = resolved;
  if (desired.hosts.length === 0) return [];
  return desired.rules.flatMap((rule) => {
    if (rule.kind !== 'anti-affinity') return [];
    const pins = pinnedTogether(resolved, rule as Apart, confinements);
    return pins.length > 0 ? pins : tooFew(resolved, rule as Apart);
  });
}

function pinnedTogether({ desired }: Resolved, rule: Apart, confinements: Confinements): readonly Problem[] {
  const units = unitsOf(desired, rule.topology);
  const first = new Map<string, string>();
  const problems: Problem[] = [];
  for (const machine of rule.machines) {
    const possible = new Set([...(confinements.of(machine)?.hosts ?? [])].map((host) => units.get(host) ?? ''));
    const [unit] = possible;
    if (unit === undefined || possible.size !== 1) continue;
    const other = first.get(unit);
    if (other === undefined) first.set(unit, machine);
    else problems.push(together(rule, unit, [other, machine], pinOf(desired, confinements), confinements));
  }
  return problems;
}

function together(
  rule: Apart,
  unit: string,
  [other, machine]: readonly [string, string],
  pin: (machine: string) => Place | null,
  confinements: Confinements,
): Problem {
  const where = `${UNIT_WORDS[rule.topology]} ${unit}`;
  const place = pin(other);
  const isPinned = (name: string): boolean =>
    confinements.of(name)?.reasons.some(({ kind }) => kind !== 'ban') === true;
  const pinned = isPinned(other) && isPinned(machine);
  return problem({
    code: pinned ? 'PinAgainstAntiAffinity' : 'BanAgainstAntiAffinity',
    message: `${other} and ${machine} ${pinned ? 'are pinned to' : 'may only be on'} the ${where}, and "${rule.policy}" keeps them apart`,
    hint: `${pinned ? 'pin one of them' : 'let one of them be'} elsewhere, or take it out of the policy`,
    place: pin(machine),
    related: [
      { message: 'kept apart here', place: rule.place },
      ...(place === null ? [] : [{ message: `${other} is ${isPinned(other) ? 'pinned' : 'confined'} here`, place }]),
    ],
  });
}

/** Where a machine is pinned; a confinement knows that only of the first of its machines. */
function pinOf(desired: Desired, confinements: Confinements): (machine: string) => Place | null {
  return (machine) => {
    const own = desired.machines.find(({ name }) => name === machine)?.hostPlace;
    return own ?? confinements.of(machine)?.reasons[0]?.place ?? null;
  };
}

function tooFew({ desired, catalog }: Resolved, rule: Apart): readonly Problem[] {
  const units = new Set(unitsOf(desired, rule.topology).values());
  const last = rule.machines.at(-1);
  if (rule.machines.length <= units.size || last === undefined) return [];
  const word = UNIT_WORDS[rule.topology];
  const place = catalog.place('VirtualMachine', last, '/metadata/name');
  return [
    problem({
      code: 'TooFewUnits',
      message: `"${rule.policy}" keeps ${rule.machines.length} machines apart by ${word}, and there are only ${units.size}`,
      hint: `narrow the policy, or add ${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`,
      place: rule.place,
      related: place === null ? [] : [{ message: 'the machine that is one too many', place }],
    }),
  ];
}
