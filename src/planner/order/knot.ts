import { domainOf } from '../constraints/constraint.js';
import type { View } from '../view.js';
import type { Hop } from './hop.js';

/** A ring of hops each of which waits for the next to leave; all of the hops when there is no ring among them. */
export function knotIn(view: View, waiting: readonly Hop[]): readonly Hop[] {
  const seen = new Set<Hop>();
  for (const start of waiting) {
    const path: Hop[] = [];
    let at: Hop | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      path.push(at);
      const current: Hop = at;
      at = waiting.find((other) => other !== current && blocks(view, other, current));
    }
    const ringStart = at === undefined ? -1 : path.indexOf(at);
    if (ringStart >= 0) return path.slice(ringStart);
  }
  return waiting;
}

/** `other` leaves something that `hop` needs: room or devices on the host, or its unit of an anti-affinity rule. */
function blocks(view: View, other: Hop, hop: Hop): boolean {
  const from = other.source?.host;
  if (from === undefined) return false;
  if (from === hop.target.host) return true;
  return hop.wish.machine.rules.some(
    (rule) =>
      (rule.kind === 'anti-affinity' || rule.kind === 'spread') &&
      rule.machines.includes(other.wish.machine.name) &&
      domainOf(view, from, rule.topology) === domainOf(view, hop.target.host, rule.topology),
  );
}
