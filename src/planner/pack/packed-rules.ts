import { CONSTRAINTS } from '../constraints/index.js';
import type { TeamRule } from '../constraints/constraint.js';
import type { Rule } from '../engine/instance.js';
import type { Occupancy } from '../occupancy.js';
import type { MachineView, View } from '../view.js';
import { DOMAINS } from './seats.js';
import type { Seats } from './seats.js';

/** The rules about company, as their constraints declare them to the engine. A second hold counts where it is in another unit. */
export function packedRules(
  view: View,
  { frame }: Occupancy,
  machines: readonly MachineView[],
  seats: Seats,
): readonly Rule[] {
  const at = new Map(machines.map(({ name }, index) => [name, index]));
  const teams = CONSTRAINTS.flatMap(({ declares }) => (declares.kind === 'company' ? [declares] : []));
  return view.desired.rules.flatMap((rule) =>
    teams.flatMap((team): Rule[] => {
      if (rule.kind !== team.of) return [];
      const teamRule: TeamRule = rule;
      const { of } = frame.units[teamRule.topology];
      const own = rule.machines.flatMap((name) => at.get(name) ?? []);
      const second = seats.extra.flatMap(({ machine, place }, index) =>
        own.includes(machine) && of[place] !== of[seats.first[machine] ?? -1] ? [machines.length + index] : [],
      );
      const members = Int32Array.from([...own, ...second]);
      return [{ ...team.limit(teamRule), members, domain: DOMAINS.indexOf(teamRule.topology) }];
    }),
  );
}
