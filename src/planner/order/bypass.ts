import { CONSTRAINTS, objection } from '../constraints/index.js';
import type { Occupancy } from '../occupancy.js';
import { best, bestAnswers } from '../place/search.js';
import { chooseStrategy } from '../strategy.js';
import type { View } from '../view.js';
import type { Hop } from './hop.js';

export interface Bypass {
  /** To the bypass host. */
  readonly aside: Hop;
  /** From there to where the machine shall be. */
  readonly onward: Hop;
}

/**
 * A way to undo a knot: one of its machines, the cheapest to move first, steps aside to a third host. There it may break no rule
 * that it keeps where it stands now.
 */
export function bypassFor(view: View, now: Occupancy, knot: readonly Hop[]): Bypass | null {
  const byCost = knot.toSorted((a, b) => a.estimate.seconds - b.estimate.seconds || (a.id < b.id ? -1 : 1));
  for (const hop of byCost) {
    const found = asideFor(view, now, hop, () => true);
    if (found !== null) return found;
  }
  return null;
}

/** The machine steps aside to the host, or to another when it cannot stay there. */
export function bypassOver(view: View, now: Occupancy, hop: Hop, host: string): Bypass | null {
  return asideFor(view, now, hop, (name) => name === host) ?? asideFor(view, now, hop, () => true);
}

function asideFor(view: View, now: Occupancy, hop: Hop, mayBe: (host: string) => boolean): Bypass | null {
  const { wish, source } = hop;
  const { machine } = wish;
  const here = view.hosts.get(source?.host ?? '');
  if (source === null || here === undefined) return null;
  const standing = { view, occupancy: now, machine, host: here, cell: null, relief: null };
  const constraints = CONSTRAINTS.filter(
    (constraint) => constraint.always || objection(standing, [constraint]) === null,
  );
  const hosts = [...view.hosts.values()].filter(
    ({ name }) => name !== source.host && name !== hop.target.host && mayBe(name),
  );
  const question = { view, occupancy: now, present: now, machine, source, relief: null, constraints };
  for (let rest = hosts; rest.length > 0;) {
    const parked = best(bestAnswers(question, rest));
    if (parked === null) return null;
    const onward = chooseStrategy(view, machine, parked.placement, hop.target);
    if (onward.kind === 'chosen') {
      const { strategy, reason: strategyReason, estimate } = onward;
      const id = `${machine.name}.2`;
      return {
        aside: {
          id: `${machine.name}.1`,
          wish,
          source,
          target: parked.placement,
          strategy: parked.strategy,
          strategyReason: parked.strategyReason,
          estimate: parked.estimate,
          bypass: true,
        },
        onward: { ...hop, id, source: parked.placement, strategy, strategyReason, estimate },
      };
    }
    rest = rest.filter((host) => host.name !== parked.host);
  }
  return null;
}
