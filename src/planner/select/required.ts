import type { Cause, Machine, Refusal } from '../../model/index.js';
import type { Candidate, Objection } from '../constraints/index.js';
import { CONSTRAINTS, objection } from '../constraints/index.js';
import { Occupancy } from '../occupancy.js';
import type { Placement } from '../placement.js';
import { demandOf, placementOf } from '../placement.js';
import { answers, best, refusedAmong, sourceOf } from '../place/search.js';
import type { MachineView, View } from '../view.js';
import { standstill } from './movable.js';
import type { Refusals, Wish } from './wish.js';
import { adviceOf, noPlace } from './wish.js';

const STANDING = CONSTRAINTS.filter((constraint) => constraint.standing);
/** What can change for a machine that would stay while others come. */
const ROOM = CONSTRAINTS.filter((constraint) => ['capacity', 'hugepages', 'isolated-cpus'].includes(constraint.name));

export interface Required {
  readonly wishes: readonly Wish[];
  readonly refusals: readonly Refusal[];
  /** The cluster after these moves. */
  readonly final: Occupancy;
  /** The cluster as it is, with all that comes. */
  readonly present: Occupancy;
}

interface Violation {
  readonly machine: MachineView;
  readonly running: Machine;
  readonly against: Objection;
}

/**
 * Machines that stand against a rule (a drained host, a pin, broken anti-affinity …) and where they go. All of them are lifted off
 * the cluster, and put down one by one where the rules allow, their old place first; so two can change places. One that finds no
 * place stays where it is, and the others are placed again around it: it does not keep them from being planned.
 */
export function selectRequired(view: View, staying: Refusals): Required {
  const start = Occupancy.of(view);
  const refusals = new Map<string, Refusal>();
  const violations: Violation[] = [];
  for (const violation of violationsIn(view, start)) {
    const standing = staying.get(violation.machine.name) ?? standstill(view, violation.machine);
    if (standing === null) violations.push(violation);
    else if (!staying.has(violation.machine.name)) refusals.set(violation.machine.name, explained(standing, violation));
  }
  for (;;) {
    const moving = violations.filter(({ machine }) => !refusals.has(machine.name));
    const attempt = placeAll(view, start, moving);
    if (attempt.kind === 'placed') return { ...attempt.placed, refusals: [...refusals.values()] };
    refusals.set(attempt.refusal.machine, attempt.refusal);
  }
}

/** The rule that a running machine stands against, null when it stands well (or runs nowhere). */
export function violationOf(view: View, occupancy: Occupancy, machine: MachineView): Objection | null {
  const candidate = standing(view, occupancy, machine);
  return candidate === null ? null : objection(candidate, STANDING);
}

/** What made the planner look at a machine. */
export function causeOf(machine: MachineView, against: Objection): Cause {
  switch (against.constraint) {
    case 'maintenance':
      return { kind: 'drain', host: machine.running?.host ?? '' };
    case 'requested-host':
      return { kind: 'requested', machine: machine.name, message: against.message };
    default:
      return { kind: 'placement', machine: machine.name, ...against };
  }
}

function violationsIn(view: View, occupancy: Occupancy): readonly Violation[] {
  const found: Violation[] = [];
  for (const machine of view.machines.values()) {
    const against = violationOf(view, occupancy, machine);
    if (against !== null && machine.running !== null) found.push({ machine, running: machine.running, against });
  }
  return found.toSorted((a, b) => urgency(a) - urgency(b) || size(b.machine) - size(a.machine));
}

/** Those that have one place only choose first. */
function urgency({ machine }: Violation): number {
  return machine.desired.host !== null || machine.rules.some((rule) => rule.kind === 'pin') ? 0 : 1;
}

function size(machine: MachineView): number {
  return demandOf(machine).memoryMiB;
}

function standing(view: View, occupancy: Occupancy, machine: MachineView): Candidate | null {
  const host = machine.running === null ? undefined : view.hosts.get(machine.running.host);
  if (machine.running === null || host === undefined) return null;
  return { view, occupancy, machine, host, cell: machine.running.numaNode, relief: null };
}

function explained(standing: Refusal, { against }: Violation): Refusal {
  return { ...standing, message: `${standing.message}; it should move because ${against.message}` };
}

type Attempt =
  | { readonly kind: 'placed'; readonly placed: Omit<Required, 'refusals'> }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

function placeAll(view: View, start: Occupancy, violations: readonly Violation[]): Attempt {
  const final = start.copy();
  const present = start.copy();
  const wishes: Wish[] = [];
  for (const { machine, running } of violations) final.lift(machine.name, running.host);
  for (const { machine, running, against } of violations) {
    const old = placementOf(running, view.hosts.get(running.host) ?? null);
    if (canStay(view, final, machine, old)) {
      final.put(machine, old);
      continue;
    }
    const others = [...view.hosts.values()].filter((host) => host.name !== running.host);
    const source = sourceOf(view, machine);
    const all = answers({ view, occupancy: final, present, machine, source, relief: null }, others);
    const target = best(all);
    const refused = refusedAmong(all);
    if (target === null) {
      const message = `${machine.name} should move because ${against.message}, and no host can take it`;
      return { kind: 'refused', refusal: noPlace(machine.name, message, refused) };
    }
    final.put(machine, target.placement);
    present.put(machine, target.placement);
    const advice = adviceOf(machine, target, refused);
    wishes.push({ machine, source, target, cause: causeOf(machine, against), gain: 0, advice });
  }
  return { kind: 'placed', placed: { wishes, final, present } };
}

function canStay(view: View, final: Occupancy, machine: MachineView, old: Placement): boolean {
  const candidate = standing(view, final, machine);
  if (candidate === null || objection(candidate, [...STANDING, ...ROOM]) !== null) return false;
  return old.devices.flatMap(({ group }) => group).every((device) => final.owner(old.host, device) === null);
}
