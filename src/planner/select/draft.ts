import { Occupancy } from '../occupancy.js';
import type { View } from '../view.js';
import type { Refusals, Wish } from './wish.js';

/** A selection in the making. */
export interface Draft {
  readonly view: View;
  /** Machines that must stay where they are, whatever is wrong with that. */
  readonly staying: Refusals;
  /** Machines that no policy moves together with others: such moves have been tried, and nothing puts them in order. */
  readonly parted: ReadonlySet<string>;
  /** The cluster after all wishes. */
  final: Occupancy;
  /** The cluster as it is, with all that the wishes bring: what does not fit here has to wait for something to leave. */
  present: Occupancy;
  readonly wishes: Map<string, Wish>;
  /** Machines whose places have been chosen together. */
  readonly together: Set<string>;
}

/** Nothing wished for yet. */
export function draftOf(view: View, staying: Refusals, parted: ReadonlySet<string> = new Set()): Draft {
  return {
    view,
    staying,
    parted,
    final: Occupancy.of(view),
    present: Occupancy.of(view),
    wishes: new Map(),
    together: new Set(),
  };
}

/** A draft of all of the wishes. */
export function madeOf(view: View, wishes: readonly Wish[]): Draft {
  const draft = draftOf(view, new Map());
  for (const wish of wishes) addWish(draft, wish);
  return draft;
}

/** The draft with one wish more. */
export function addWish(draft: Draft, wish: Wish): void {
  if (wish.source !== null) draft.final.lift(wish.machine.name, wish.source.host);
  draft.final.put(wish.machine, wish.target.placement);
  draft.present.put(wish.machine, wish.target.placement);
  draft.wishes.set(wish.machine.name, wish);
}

/** A draft of its own that starts as this one is; `adopt` makes this one become what it has come to. */
export function branchOf(draft: Draft): Draft {
  return { ...draft, final: draft.final.copy(), present: draft.present.copy(), wishes: new Map(draft.wishes) };
}

/** The draft becomes what a branch of it has come to. */
export function adopt(draft: Draft, branch: Draft): void {
  draft.final = branch.final;
  draft.present = branch.present;
  for (const [machine, wish] of branch.wishes) draft.wishes.set(machine, wish);
}
