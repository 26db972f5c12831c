import type { Refusal } from '../../model/index.js';
import { demandOf } from '../placement.js';
import { definedOn } from '../place/definition.js';
import { bestAnswers, best, refusedAmong } from '../place/search.js';
import type { HostView, MachineView, View } from '../view.js';
import type { Draft } from './draft.js';
import { addWish } from './draft.js';
import { judgementOf } from './judgement.js';
import { isAtRest, standstill } from './movable.js';
import { noPlace } from './wish.js';

/** Machines that are written and run nowhere, and where they start. */
export function selectDeployments(draft: Draft): readonly Refusal[] {
  const { view, final, present, staying, wishes } = draft;
  const refusals: Refusal[] = [];
  const waiting = [...view.machines.values()].filter(({ name, running }) => running === null && !wishes.has(name));
  for (const machine of waiting.toSorted((a, b) => choiceless(a) - choiceless(b) || size(b) - size(a))) {
    if (staying.has(machine.name)) continue;
    const standing = standstill(view, machine);
    if (standing !== null) {
      if (standing.reason !== 'MachineSuspended' || !isAtRest(view, machine)) refusals.push(standing);
      continue;
    }
    const question = { view, occupancy: final, present, machine, source: null, relief: null };
    const all = bestAnswers(question, hostsFor(view, machine));
    const target = best(all);
    if (target === null) {
      refusals.push(noPlace(machine.name, `${machine.name} runs nowhere, and no host can take it`, refusedAmong(all)));
    } else {
      const cause = { kind: 'deploy', machine: machine.name } as const;
      const judgement = judgementOf(view, machine, target, all);
      addWish(draft, { machine, source: null, target, cause, gain: 0, advice: 'Proceed', judgement });
    }
  }
  return refusals;
}

/** Hosts on which a machine that runs nowhere may start. */
export function hostsFor(view: View, machine: MachineView): readonly HostView[] {
  const only = definedOn(view, machine);
  return [...view.hosts.values()].filter((host) => only === null || host.name === only);
}

function choiceless(machine: MachineView): number {
  return machine.desired.host !== null || machine.rules.some((rule) => rule.kind === 'pin') ? 0 : 1;
}

function size(machine: MachineView): number {
  return demandOf(machine).memoryMiB;
}
