import { Occupancy } from '../occupancy.js';
import type { Wish } from '../select/wish.js';
import type { View } from '../view.js';
import { bypassFor } from './bypass.js';
import { Dependencies } from './dependencies.js';
import { fits } from './fits.js';
import type { Hop, OrderedHop } from './hop.js';
import { hopOf } from './hop.js';
import { knotIn } from './knot.js';

export type Sequence =
  | { readonly kind: 'ordered'; readonly hops: readonly OrderedHop[] }
  /** Hops that wait for each other, and no host lets one of them step aside. */
  | { readonly kind: 'knot'; readonly hops: readonly Hop[] };

/**
 * An order in which every hop fits, found by making the moves one after the other on a copy of the cluster. The order itself binds
 * nobody: of it only what a hop really needs becomes a dependency, the rest may run at once.
 */
export function sequence(view: View, wishes: readonly Wish[]): Sequence {
  const now = Occupancy.of(view);
  const dependencies = new Dependencies(view, now.copy());
  const ordered: OrderedHop[] = [];
  const bypassed = new Set<string>();
  let pending = wishes.map(hopOf);
  const make = (hop: Hop) => {
    ordered.push({ hop, ...dependencies.of(hop) });
    now.put(hop.wish.machine, hop.target);
    if (hop.source !== null) now.lift(hop.wish.machine.name, hop.source.host);
  };
  while (pending.length > 0) {
    const waiting: Hop[] = [];
    for (const hop of pending) {
      if (fits(view, now, hop)) make(hop);
      else waiting.push(hop);
    }
    if (waiting.length === pending.length) {
      const knot = knotIn(view, waiting);
      const way = bypassFor(
        view,
        now,
        knot.filter((hop) => !bypassed.has(hop.wish.machine.name)),
      );
      if (way === null) return { kind: 'knot', hops: knot };
      bypassed.add(way.aside.wish.machine.name);
      make(way.aside);
      pending = waiting.map((hop) => (hop.wish === way.onward.wish ? way.onward : hop));
    } else {
      pending = waiting;
    }
  }
  return { kind: 'ordered', hops: ordered };
}
