import { antiAffinity } from '../constraints/anti-affinity.js';
import type { SpreadRule } from '../constraints/spread.js';
import { skewOf, spreadCounts } from '../constraints/spread.js';
import type { Occupancy } from '../occupancy.js';
import { demandOf } from '../placement.js';
import { amountsOf, shortage } from '../resources.js';
import type { MachineView, View } from '../view.js';
import type { Hop } from './hop.js';

/** True when the hop can be made in the cluster as it stands, the machine counting on both hosts meanwhile. */
export function fits(view: View, now: Occupancy, hop: Hop): boolean {
  const { wish, target } = hop;
  const host = view.hosts.get(target.host);
  if (host === undefined) return false;
  const wanted = amountsOf(demandOf(wish.machine), target.cell);
  if (shortage(host.capacity, now.used(host.name), wanted) !== null) return false;
  const functions = target.devices.flatMap(({ group }) => group);
  if (functions.some((device) => now.owner(host.name, device) !== null)) return false;
  const candidate = { view, occupancy: now, machine: wish.machine, host, cell: target.cell, relief: null };
  return antiAffinity.check(candidate) === null && spreadsOn(view, now, hop);
}

/** Rules of even spread that the machine is under. */
export function spreadRules(machine: MachineView): readonly SpreadRule[] {
  return machine.rules.filter((rule): rule is SpreadRule => rule.kind === 'spread');
}

/** After the hop each spread rule is kept, or not further from being kept than before it. */
function spreadsOn(view: View, now: Occupancy, { wish, target }: Hop): boolean {
  return spreadRules(wish.machine).every((rule) => {
    const moved = { machine: wish.machine.name, host: target.host };
    const before = skewOf(spreadCounts(view, now, rule, null));
    const after = skewOf(spreadCounts(view, now, rule, moved));
    return after <= Math.max(rule.maxSkew, before);
  });
}
