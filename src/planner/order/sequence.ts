import type { Refusal } from '../../model/index.js';
import { Occupancy } from '../occupancy.js';
import type { Wish } from '../select/wish.js';
import type { View } from '../view.js';
import { bypassFor, bypassOver, refusedAsides } from './bypass.js';
import { Dependencies } from './dependencies.js';
import { fits } from './fits.js';
import type { Hop, OrderedHop } from './hop.js';
import { hopOf } from './hop.js';
import { knotIn, relaxationOf } from './knot.js';
import { turnsOf } from './turns.js';

export type Sequence =
  | { readonly kind: 'ordered'; readonly hops: readonly OrderedHop[] }
  /** Hops that wait for each other, and no host lets one of them step aside. */
  | {
      readonly kind: 'knot';
      readonly hops: readonly Hop[];
      /** What would let one of them through, as a sentence without a full stop; null when nothing that can be named would. */
      readonly relaxation: string | null;
      /** Of each hop the hosts asked to let its machine step aside, with what binds them. */
      readonly asides: ReadonlyMap<Hop, Refusal['candidates']>;
    };

/**
 * An order in which every hop fits, found by making the moves one after the other on a copy of the cluster, in the turns of the
 * scheduler as far as they fit. The order itself binds nobody: of it only what a hop really needs becomes a dependency, the rest may
 * run at once.
 */
export function sequence(view: View, wishes: readonly Wish[]): Sequence {
  const now = Occupancy.of(view);
  const dependencies = new Dependencies(view, now.copy());
  const ordered: OrderedHop[] = [];
  const bypassed = new Set<string>();
  const next = new Map(wishes.map((wish) => [wish, hopOf(wish)]));
  const make = (hop: Hop) => {
    ordered.push({ hop, ...dependencies.of(hop) });
    now.put(hop.wish.machine, hop.target);
    if (hop.source !== null) now.lift(hop.wish.machine.name, hop.source.host);
  };
  for (const { wish, aside } of turnsOf(view, now, wishes)) {
    const hop = next.get(wish);
    if (hop === undefined) continue;
    if (fits(view, now, hop)) {
      make(hop);
      next.delete(wish);
    } else if (aside !== null && !bypassed.has(wish.machine.name)) {
      const way = bypassOver(view, now, hop, aside);
      if (way === null) continue;
      bypassed.add(wish.machine.name);
      make(way.aside);
      next.set(wish, way.onward);
    }
  }
  let pending = [...next.values()];
  while (pending.length > 0) {
    const waiting: Hop[] = [];
    for (const hop of pending) {
      if (fits(view, now, hop)) make(hop);
      else waiting.push(hop);
    }
    if (waiting.length === pending.length) {
      const knot = knotIn(view, waiting);
      const mayStepAside = knot.filter((hop) => !bypassed.has(hop.wish.machine.name));
      const way = bypassFor(view, now, mayStepAside);
      if (way === null) {
        const relaxation = relaxationOf(view, now, knot, mayStepAside);
        const asides = new Map(mayStepAside.map((hop) => [hop, refusedAsides(view, now, hop)]));
        return { kind: 'knot', hops: knot, relaxation, asides };
      }
      bypassed.add(way.aside.wish.machine.name);
      make(way.aside);
      pending = waiting.map((hop) => (hop.wish === way.onward.wish ? way.onward : hop));
    } else {
      pending = waiting;
    }
  }
  return { kind: 'ordered', hops: ordered };
}
