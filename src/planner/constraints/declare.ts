import type { Occupancy } from '../occupancy.js';
import { demandOf } from '../placement.js';
import { amountsOf, shortage } from '../resources.js';
import type { MachineView } from '../view.js';
import { domainOf } from './constraint.js';
import type {
  Candidate,
  Company,
  Constraint,
  Countable,
  Counts,
  Devices,
  Matching,
  TeamRule,
  Threshold,
  Unary,
} from './constraint.js';

type Head = Pick<Constraint, 'name' | 'standing' | 'always'>;

/** A constraint on machine and host alone. */
export function unary(head: Head, declaration: Omit<Unary, 'kind'>): Constraint {
  const declares: Unary = { kind: 'unary', ...declaration };
  const check = (candidate: Candidate) => declares.against({ ...candidate, there: isThere(candidate) });
  return { ...head, declares, check };
}

/** A constraint on amounts. */
export function resource(head: Head, declaration: Omit<Countable, 'kind'>): Constraint {
  const declares: Countable = { kind: 'resource', ...declaration };
  return { ...head, declares, check: (candidate) => checkAmounts(declares, candidate) };
}

/** A constraint on machines in company. */
export function company<R extends TeamRule>(head: Head, declaration: Omit<Company<R>, 'kind'>): Constraint {
  const declares: Company<R> = { kind: 'company', ...declaration };
  return { ...head, declares: declares as unknown as Company, check: (candidate) => checkCompany(declares, candidate) };
}

/** A constraint on the devices that a host has. */
export function devices(head: Head, declaration: Omit<Devices, 'kind'>): Constraint {
  const declares: Devices = { kind: 'devices', ...declaration };
  const check = (candidate: Candidate) => {
    const lacking = candidate.machine.desired.claims.find((claim) => declares.among(candidate, claim).length === 0);
    return lacking === undefined ? null : declares.sentence(lacking, candidate);
  };
  return { ...head, declares, check };
}

/** A constraint whose search form is written where it is searched for: free devices, and load. */
export function special(head: Head, declares: Matching | Threshold): Constraint {
  return { ...head, declares, check: declares.against };
}

/** True when the machine runs on this host already. */
export function isThere({ machine, host }: Pick<Candidate, 'machine' | 'host'>): boolean {
  return machine.running?.host === host.name;
}

/** Rules of one kind that the machine is under. */
export function rulesOf<R extends TeamRule>(machine: MachineView, kind: R['kind']): readonly R[] {
  return machine.rules.filter((rule): rule is R & typeof rule => rule.kind === kind);
}

/** Units of a rule's topology that the machine may come to, as the occupancy stands. */
export function openUnits<R extends TeamRule>(
  { open }: Pick<Company<R>, 'open'>,
  rule: R,
  occupancy: Occupancy,
  machine: MachineView,
): (unit: number) => boolean {
  const { written } = occupancy.frame.units[rule.topology];
  const now: Counts = { members: occupancy.countsOf(rule), written };
  const own = occupancy.unitsOf(machine.name, rule.topology);
  if (own.length === 0) return open(rule, now, now);
  const members = now.members.slice();
  for (const unit of own) members[unit] = (members[unit] ?? 0) - 1;
  return open(rule, { members, written }, now);
}

/** The first other member of the rule that counts in the unit of the host, or in another one. */
export function memberIn(rule: TeamRule, { view, occupancy, machine, host }: Candidate, where: 'here' | 'elsewhere') {
  const own = domainOf(view, host.name, rule.topology);
  const found = rule.machines
    .filter((name) => name !== machine.name)
    .flatMap((name) => occupancy.hostsOf(name).map((place) => ({ name, place })));
  const isHere = (place: string) => domainOf(view, place, rule.topology) === own;
  return found.find(({ place }) => isHere(place) === (where === 'here')) ?? { name: 'others', place: host.name };
}

/** The least and the greatest count among written units and units that hold a member. */
export function rangeOf({ members, written }: Counts): { readonly least: number; readonly most: number } {
  let least = Infinity;
  let most = -Infinity;
  members.forEach((count, unit) => {
    if (unit >= written && count === 0) return;
    if (count < least) least = count;
    if (count > most) most = count;
  });
  return { least, most };
}

function checkAmounts({ concerns, sentence }: Countable, candidate: Candidate): string | null {
  const { occupancy, machine, host, cell } = candidate;
  const all = amountsOf(demandOf(machine), cell);
  const short = shortage(host.capacity, occupancy.used(host.name), all, (name) => concerns(withoutCell(name)));
  return short === null ? null : sentence({ ...short, all }, candidate);
}

function checkCompany<R extends TeamRule>(declares: Company<R>, candidate: Candidate): string | null {
  const { occupancy, machine, host } = candidate;
  for (const rule of rulesOf<R>(machine, declares.of)) {
    const { of } = occupancy.frame.units[rule.topology];
    const unit = of[occupancy.frame.hostAt.get(host.name) ?? -1] ?? -1;
    if (!openUnits(declares, rule, occupancy, machine)(unit)) return declares.sentence(rule, candidate);
  }
  return null;
}

function withoutCell(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
