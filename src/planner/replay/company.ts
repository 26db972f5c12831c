import type { PlacementRule, Problem, Topology } from '../../model/index.js';
import { actBefore, staysAt, violation } from './story.js';
import type { Act, Stay, Story } from './story.js';

/** Who may be with whom: machines kept apart never meet, machines kept together end together, spread ones stay spread. */
export function checkCompany(story: Story): readonly Problem[] {
  return story.desired.rules.flatMap((rule) => {
    switch (rule.kind) {
      case 'anti-affinity':
        return checkApart(story, rule, rule.topology);
      case 'affinity':
        return checkTogether(story, rule, rule.topology);
      case 'spread':
        return checkSpread(story, rule, rule.topology, rule.maxSkew);
      case 'pin':
      case 'ban':
      case 'latency':
        return [];
    }
  });
}

function checkApart(story: Story, rule: PlacementRule, topology: Topology): readonly Problem[] {
  const stays = staysOf(story, rule);
  return stays.flatMap(({ arrival, machine, host }) => {
    const domain = domainOf(story, host, topology);
    // A pair that already shares the domain is not made worse by a move inside it.
    if (arrival === null || domain === null || domainOf(story, arrival.move.from, topology) === domain) return [];
    const rival = staysAt(story, arrival, stays).find(
      (stay) => stay.machine !== machine && domainOf(story, stay.host, topology) === domain,
    );
    if (rival === undefined) return [];
    const message = `${machine} may meet ${rival.machine} in ${topology} ${domain}, against ${rule.policy}`;
    return [violation('AntiAffinity', arrival.move, message)];
  });
}

function checkTogether(story: Story, rule: PlacementRule, topology: Topology): readonly Problem[] {
  const acts = story.acts.filter((act) => rule.machines.includes(act.move.machine));
  const last = acts.at(-1);
  if (last === undefined) return [];
  const stays = staysOf(story, rule);
  const domains = (chosen: readonly Stay[]): number =>
    new Set(chosen.map((stay) => domainOf(story, stay.host, topology))).size;
  const before = domains(stays.filter((stay) => stay.arrival === null));
  const after = domains(stays.filter((stay) => stay.departure === null));
  if (after <= Math.max(1, before)) return [];
  return [
    violation('Affinity', last.move, `the machines of ${rule.policy} end in ${after} different places (${topology})`),
  ];
}

function checkSpread(story: Story, rule: PlacementRule, topology: Topology, maxSkew: number): readonly Problem[] {
  const counts = new Map<string, number>();
  for (const { name } of story.desired.hosts) counts.set(domainOf(story, name, topology) ?? '', 0);
  const add = (host: string | null, amount: number): void => {
    const domain = domainOf(story, host, topology);
    if (domain !== null) counts.set(domain, (counts.get(domain) ?? 0) + amount);
  };
  for (const stay of staysOf(story, rule)) if (stay.arrival === null) add(stay.host, 1);
  const allowed = Math.max(maxSkew, skew(counts));
  const acts = story.acts.filter(
    ({ move }) =>
      rule.machines.includes(move.machine) &&
      domainOf(story, move.from, topology) !== domainOf(story, move.to, topology),
  );
  const ordered = inOrder(story, acts);
  const problems: Problem[] = [];
  for (const [index, act] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next !== undefined && !actBefore(story, act, next)) {
      problems.push(
        violation('SpreadOrder', next.move, `${rule.policy} does not say whether it or ${act.move.id} comes first`),
      );
    }
    add(act.move.from, -1);
    add(act.move.to, 1);
    if (skew(counts) <= allowed) continue;
    problems.push(
      violation(
        'Spread',
        act.move,
        `it leaves a skew of ${skew(counts)} over ${topology}s, ${rule.policy} allows ${maxSkew}`,
      ),
    );
  }
  return problems;
}

/** By how many others of them each is preceded: where the order is total, this is it. */
function inOrder(story: Story, acts: readonly Act[]): readonly Act[] {
  const rank = new Map(
    acts.map((act) => [act, acts.filter((other) => other !== act && actBefore(story, other, act)).length]),
  );
  return [...acts].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
}

function skew(counts: ReadonlyMap<string, number>): number {
  return counts.size === 0 ? 0 : Math.max(...counts.values()) - Math.min(...counts.values());
}

function staysOf(story: Story, rule: PlacementRule): readonly Stay[] {
  const machines = new Set(rule.machines);
  return story.stays.filter((stay) => machines.has(stay.machine));
}

function domainOf(story: Story, host: string | null, topology: Topology): string | null {
  if (host === null || topology === 'host') return host;
  const desired = story.desiredHosts.get(host);
  return (topology === 'zone' ? desired?.zone : desired?.accessGroup) ?? null;
}
