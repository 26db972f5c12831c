import type { Refusal } from '../../model/index.js';
import { demandOf } from '../placement.js';
import { answers, best, refusedAmong } from '../place/search.js';
import type { Occupancy } from '../occupancy.js';
import type { HostView, MachineView, View } from '../view.js';
import { standstill } from './movable.js';
import type { Refusals, Wish } from './wish.js';
import { noPlace } from './wish.js';

export interface Deployments {
  readonly wishes: readonly Wish[];
  readonly refusals: readonly Refusal[];
}

/** Machines that are written and run nowhere, and where they start; `final` and `present` are moved on. */
export function selectDeployments(view: View, final: Occupancy, present: Occupancy, staying: Refusals): Deployments {
  const wishes: Wish[] = [];
  const refusals: Refusal[] = [];
  const waiting = [...view.machines.values()].filter((machine) => machine.running === null);
  for (const machine of waiting.toSorted((a, b) => choiceless(a) - choiceless(b) || size(b) - size(a))) {
    if (staying.has(machine.name)) continue;
    const standing = standstill(view, machine);
    if (standing !== null) {
      refusals.push(standing);
      continue;
    }
    const question = { view, occupancy: final, present, machine, source: null, relief: null };
    const all = answers(question, hostsFor(view, machine));
    const target = best(all);
    if (target === null) {
      refusals.push(noPlace(machine.name, `${machine.name} runs nowhere, and no host can take it`, refusedAmong(all)));
      continue;
    }
    final.put(machine, target.placement);
    present.put(machine, target.placement);
    const cause = { kind: 'deploy', machine: machine.name } as const;
    wishes.push({ machine, source: null, target, cause, gain: 0, advice: 'Proceed' });
  }
  return { wishes, refusals };
}

/**
 * A stopped machine starts where it is defined: there its disks are, and no second definition comes to stand elsewhere. When that
 * host is gone, a machine whose disks are shared starts wherever there is room.
 */
function hostsFor(view: View, machine: MachineView): readonly HostView[] {
  const hosts = [...view.hosts.values()];
  const stopped = machine.copies.find((copy) => copy.state === 'stopped');
  if (stopped === undefined) return hosts;
  const lost = view.observedHosts.get(stopped.host)?.state === 'down';
  return lost && machine.desired.sharedDisks ? hosts : hosts.filter((host) => host.name === stopped.host);
}

function choiceless(machine: MachineView): number {
  return machine.desired.host !== null || machine.rules.some((rule) => rule.kind === 'pin') ? 0 : 1;
}

function size(machine: MachineView): number {
  return demandOf(machine).memoryMiB;
}
