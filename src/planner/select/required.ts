import type { Cause, Refusal } from '../../model/index.js';
import type { Candidate, Objection } from '../constraints/index.js';
import { CONSTRAINTS, objection } from '../constraints/index.js';
import { faultOf } from '../constraints/load.js';
import type { Occupancy } from '../occupancy.js';
import type { Placement } from '../placement.js';
import { demandOf, placementOf } from '../placement.js';
import { bestAnswers, best, refusedAmong, sourceOf } from '../place/search.js';
import type { MachineView, View } from '../view.js';
import type { Company } from './company.js';
import { companyOf } from './company.js';
import type { Draft } from './draft.js';
import { addWish } from './draft.js';
import { judgementOf } from './judgement.js';
import { standstill } from './movable.js';
import type { Violation } from './violation.js';
import type { Wish } from './wish.js';
import { adviceOf, noPlace } from './wish.js';

const STANDING = CONSTRAINTS.filter((constraint) => constraint.standing);
/** What can change for a machine that would stay while others come. */
const ROOM = CONSTRAINTS.filter((constraint) => ['capacity', 'hugepages', 'isolated-cpus'].includes(constraint.name));

/**
 * Machines that stand against a rule (a drained host, a pin, broken anti-affinity …) and where they go. All of them are lifted off
 * the cluster, and put down one by one where the rules allow, their old place first; so two can change places. One that finds no
 * place stays where it is, and the others are placed again around it: it does not keep them from being planned. One that finds none
 * because a rule keeps it with machines that stand well is tried again with them as company.
 */
export function selectRequired(draft: Draft): readonly Refusal[] {
  const { view, staying } = draft;
  const refusals = new Map<string, Refusal>();
  const violations: Violation[] = [];
  for (const violation of violationsIn(draft)) {
    const { name } = violation.machine;
    const standing = standstill(view, violation.machine);
    if (standing !== null) refusals.set(name, explained(standing, violation));
    else if (!staying.has(name)) violations.push(violation);
  }
  const companies = new Map<string, Company>();
  for (;;) {
    const alone = violations.filter(({ machine }) => !refusals.has(machine.name));
    const moving = [...alone, ...[...companies.values()].flatMap(({ companions }) => companions)];
    const attempt = placeAll(draft, moving);
    if (attempt.kind === 'placed') {
      for (const wish of attempt.wishes) addWish(draft, wish);
      return [...refusals.values()];
    }
    const { machine, refusal } = attempt;
    const leader = [...companies].find(([, { companions }]) => companions.some((each) => each.machine === machine));
    if (leader !== undefined) {
      const [name, company] = leader;
      const message = `${company.alone.message}; ${machine.name} would have to come along, and no host can take it`;
      refusals.set(name, { ...company.alone, message });
      companies.delete(name);
      continue;
    }
    const company = companyOf(draft, machine, refusal, new Set(moving.map((each) => each.machine.name)));
    if (company.companions.length > 0 && !companies.has(machine.name)) {
      companies.set(machine.name, company);
    } else {
      refusals.set(machine.name, refusal);
      companies.delete(machine.name);
    }
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

function violationsIn({ view, final, wishes }: Draft): readonly Violation[] {
  const found: Violation[] = [];
  for (const machine of view.machines.values()) {
    const against = wishes.has(machine.name) ? null : violationOf(view, final, machine);
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
  | { readonly kind: 'placed'; readonly wishes: readonly Wish[] }
  | { readonly kind: 'refused'; readonly machine: MachineView; readonly refusal: Refusal };

function placeAll(draft: Draft, violations: readonly Violation[]): Attempt {
  const { view } = draft;
  const final = draft.final.copy();
  const present = draft.present.copy();
  const wishes: Wish[] = [];
  for (const { machine, running } of violations) final.lift(machine.name, running.host);
  for (const { machine, running, against } of violations) {
    const old = placementOf(running, view.hosts.get(running.host) ?? null);
    const crowded =
      wishes.some(({ target }) => target.host === running.host) && isTooHot(view, final, machine, running.host);
    if (!crowded && canStay(view, final, machine, old)) {
      final.put(machine, old);
      continue;
    }
    const others = [...view.hosts.values()].filter((host) => host.name !== running.host);
    const source = sourceOf(view, machine);
    const all = bestAnswers({ view, occupancy: final, present, machine, source, relief: null }, others);
    const target = best(all);
    const refused = refusedAmong(all);
    if (target === null) {
      const message = `${machine.name} should move because ${against.message}, and no host can take it`;
      return { kind: 'refused', machine, refusal: noPlace(machine.name, message, refused) };
    }
    final.put(machine, target.placement);
    present.put(machine, target.placement);
    const advice = adviceOf(machine, target, refused);
    const judgement = judgementOf(view, machine, target, all);
    wishes.push({ machine, source, target, cause: causeOf(machine, against), gain: 0, advice, judgement });
  }
  return { kind: 'placed', wishes };
}

/** Whether a machine that is back on its host makes it too hot for those that came while it was lifted. */
function isTooHot({ loads, loadPolicies }: View, final: Occupancy, { name }: MachineView, host: string): boolean {
  return (loadPolicies.get(host) ?? []).some((policy) =>
    policy.thresholds.some(({ metric, high, low }) => {
      const more = (loads.share(name, metric) ?? 0) / loads.full(host, metric);
      return faultOf({ policy, high, low, now: final.load(host, metric) ?? NaN, more }, null) !== null;
    }),
  );
}

function canStay(view: View, final: Occupancy, machine: MachineView, old: Placement): boolean {
  const candidate = standing(view, final, machine);
  if (candidate === null || objection(candidate, [...STANDING, ...ROOM]) !== null) return false;
  return old.devices.flatMap(({ group }) => group).every((device) => final.owner(old.host, device) === null);
}
