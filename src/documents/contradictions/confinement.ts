import type { Desired, DesiredMachine, PlacementRule, RelatedPlace } from '../../model/index.js';

/** Machines that the same writing confines to the same hosts. */
export interface Confinement {
  readonly machines: readonly DesiredMachine[];
  readonly hosts: ReadonlySet<string>;
  /** What confines them: `spec.host` of the first machine, pins and bans. */
  readonly reasons: readonly (RelatedPlace & { readonly kind: 'host' | 'pin' | 'ban' })[];
}

/** All confinements of a cluster. Machines that nothing confines are in none. */
export class Confinements {
  readonly all: readonly Confinement[];
  private readonly byMachine = new Map<string, Confinement>();

  constructor(desired: Desired) {
    const groups = new Map<string, { readonly rules: readonly PlacementRule[]; readonly machines: DesiredMachine[] }>();
    const known = new Set(desired.hosts.map((host) => host.name));
    const rulesOf = confiningRules(desired.rules, known);
    for (const machine of desired.machines) {
      const rules = rulesOf.get(machine.name) ?? [];
      const unknown = machine.host !== null && !known.has(machine.host);
      if (unknown || (machine.host === null && rules.length === 0)) continue;
      const key = JSON.stringify([machine.host, rules.map((rule) => [rule.policy, rule.kind])]);
      const group = groups.get(key) ?? { rules, machines: [] };
      group.machines.push(machine);
      groups.set(key, group);
    }
    this.all = [...groups.values()].map(({ rules, machines }) => confine(known, machines, rules));
    for (const each of this.all) for (const { name } of each.machines) this.byMachine.set(name, each);
  }

  of(machine: string): Confinement | undefined {
    return this.byMachine.get(machine);
  }
}

/** A pin to a host that is not written is told of by itself, and nothing follows from it. */
function confiningRules(
  rules: readonly PlacementRule[],
  known: ReadonlySet<string>,
): ReadonlyMap<string, readonly PlacementRule[]> {
  const byMachine = new Map<string, PlacementRule[]>();
  for (const rule of rules) {
    if (rule.kind !== 'pin' && rule.kind !== 'ban') continue;
    if (rule.kind === 'pin' && !rule.hosts.every((host) => known.has(host))) continue;
    for (const machine of rule.machines) byMachine.set(machine, [...(byMachine.get(machine) ?? []), rule]);
  }
  return byMachine;
}

function confine(
  known: ReadonlySet<string>,
  machines: readonly DesiredMachine[],
  rules: readonly PlacementRule[],
): Confinement {
  const { host, hostPlace } = machines[0] ?? { host: null, hostPlace: null };
  const hosts = new Set(host === null ? known : [host]);
  const reasons: Confinement['reasons'][number][] = [];
  if (host !== null && hostPlace !== null) {
    reasons.push({ kind: 'host', message: `pinned to ${host} here`, place: hostPlace });
  }
  for (const rule of rules) {
    if (rule.kind === 'pin') for (const each of hosts) if (!rule.hosts.includes(each)) hosts.delete(each);
    if (rule.kind === 'ban') for (const each of rule.hosts) hosts.delete(each);
    if (rule.kind === 'pin')
      reasons.push({ kind: 'pin', message: `pinned to ${list(rule.hosts)} here`, place: rule.place });
    if (rule.kind === 'ban')
      reasons.push({ kind: 'ban', message: `banned from ${list(rule.hosts)} here`, place: rule.place });
  }
  return { machines, hosts, reasons };
}

/** `a, b, c and 4 more`. */
export function list(names: readonly string[]): string {
  if (names.length <= 4) return names.join(', ');
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
