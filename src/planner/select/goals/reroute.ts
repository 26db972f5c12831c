import type { Cause } from '../../../model/index.js';
import { boundsOf } from '../../place/bounds.js';
import type { Answer, Feasible } from '../../place/search.js';
import { answers, refusedAmong, sourceOf } from '../../place/search.js';
import type { HostView } from '../../view.js';
import type { Draft } from '../draft.js';
import { addWish } from '../draft.js';
import type { Judgement } from '../judgement.js';
import { isCrossing } from '../judgement.js';
import { adviceOf, sentOn } from '../wish.js';
import type { Standing } from './field.js';

/** Takes a machine off the draft, so that it can be put elsewhere: off the host where it is to be, not off the one that it runs on. */
export function lift(draft: Draft, { machine, host }: Standing): void {
  draft.final.lift(machine.name, host);
  if (host !== machine.running?.host) draft.present.lift(machine.name, host);
}

/** What hosts say to a machine that was lifted; never asked is the host that it runs on now. */
export function ask(draft: Draft, { machine }: Standing, hosts: readonly HostView[]): readonly Answer[] {
  const { view, final: occupancy, present } = draft;
  const question = { view, occupancy, present, machine, source: sourceOf(view, machine), relief: null };
  return answers(
    question,
    hosts.filter(({ name }) => name !== machine.running?.host),
  );
}

/** Hosts that are asked until so many take the machine, of which the cheapest is chosen. */
const ENOUGH = 2;

/**
 * What hosts say to a lifted machine, asked in the order given, those behind its own access switch first, and only until enough of them
 * would take it. Hosts that are sure to refuse are not asked.
 */
export function askInOrder(draft: Draft, standing: Standing, hosts: readonly HostView[]): readonly Answer[] {
  const open = openTo(draft, standing, hosts);
  const isFar = ({ name }: HostView) => Number(isCrossing(draft.view, standing.machine, name));
  const found: Answer[] = [];
  for (const host of open.toSorted((a, b) => isFar(a) - isFar(b))) {
    found.push(...ask(draft, standing, [host]));
    if (found.filter(({ kind }) => kind === 'feasible').length >= ENOUGH) break;
  }
  return found;
}

/** Hosts that are not sure to refuse a lifted machine. */
export function openTo(draft: Draft, { machine }: Standing, hosts: readonly HostView[]): readonly HostView[] {
  const { view, final: occupancy, present } = draft;
  const bounds = boundsOf({ view, occupancy, present, machine, source: sourceOf(view, machine), relief: null });
  return hosts.filter(({ name }) => (bounds[occupancy.frame.hostAt.get(name) ?? -1] ?? Infinity) < Infinity);
}

/** Puts a lifted machine on a host. One that had to move anyhow keeps its cause. */
export function put(
  draft: Draft,
  { machine }: Standing,
  target: Feasible,
  all: readonly Answer[],
  cause: Cause,
  judgement: Judgement,
): void {
  const before = draft.wishes.get(machine.name);
  const advice = adviceOf(machine, target, refusedAmong(all));
  const source = sourceOf(draft.view, machine);
  addWish(draft, { ...sentOn(before, cause, judgement), machine, source, target, advice });
}
