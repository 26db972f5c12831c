import type { Estimate, Strategy } from '../../model/index.js';
import type { Placement } from '../placement.js';
import type { Wish } from '../select/wish.js';
import type { Source } from '../strategy.js';

/** One way of a machine from host to host: most wishes are one hop, one over a bypass host is two. */
export interface Hop {
  readonly id: string;
  readonly wish: Wish;
  readonly source: Source;
  readonly target: Placement;
  readonly strategy: Strategy;
  readonly strategyReason: string;
  readonly estimate: Estimate;
  /** It parks the machine on a host that it leaves again. */
  readonly bypass: boolean;
}

/** A hop in its place of a sequence, with the earlier hops that it waits for. */
export interface OrderedHop {
  readonly hop: Hop;
  /** They must have ended. */
  readonly after: readonly Hop[];
  /** They must have begun. */
  readonly afterBegin: readonly Hop[];
}

/** The one hop of a wish. */
export function hopOf(wish: Wish): Hop {
  const { machine, source, target } = wish;
  return {
    id: `${machine.name}.1`,
    wish,
    source,
    target: target.placement,
    strategy: target.strategy,
    strategyReason: target.strategyReason,
    estimate: target.estimate,
    bypass: false,
  };
}
