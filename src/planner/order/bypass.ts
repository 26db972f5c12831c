import type { Refusal } from '../../model/index.js';
import type { Candidate } from '../constraints/index.js';
import { CONSTRAINTS, objection } from '../constraints/index.js';
import type { Occupancy } from '../occupancy.js';
import { matchClaims } from '../place/devices.js';
import { answers, best, bestAnswers, cellsFor } from '../place/search.js';
import { chooseStrategy, strategyFloor } from '../strategy.js';
import type { HostView, View } from '../view.js';
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

/** Why each third host does not let the machine step aside: its binding constraint. */
export function refusedAsides(view: View, now: Occupancy, hop: Hop): Refusal['candidates'] {
  const question = asideQuestion(view, now, hop);
  if (question === null) return [];
  return answers(question, thirdHosts(view, hop)).flatMap((answer) => {
    const { host } = answer;
    if (answer.kind === 'refused') return [{ host, constraint: answer.constraint, message: answer.message }];
    const onward = chooseStrategy(view, hop.wish.machine, answer.placement, hop.target);
    return onward.kind === 'chosen' ? [] : [{ host, constraint: 'strategy', message: onward.message }];
  });
}

/** Every place on third hosts, for a machine that would step aside. */
export function asidesFor(view: View, now: Occupancy, hop: Hop): readonly Candidate[] {
  const { machine } = hop.wish;
  return thirdHosts(view, hop).flatMap((host) =>
    cellsFor(machine, host).map((cell) => ({ view, occupancy: now, machine, host, cell, relief: null })),
  );
}

/** True when room and devices are all that can keep the machine from stepping aside to the place, and from going on from there. */
export function couldPass(hop: Hop, place: Candidate): boolean {
  const { view, occupancy, machine, host, cell } = place;
  const question = asideQuestion(view, occupancy, hop);
  const others = question?.constraints.filter(({ declares: { kind } }) => kind !== 'resource' && kind !== 'matching');
  if (others === undefined || objection(place, others) !== null) return false;
  const match = matchClaims(place);
  if (match.kind === 'unmatched') return strategyFloor(view, machine, hop.source, host.name) !== null;
  const parked = { host: host.name, cell, devices: match.devices };
  const ways = [chooseStrategy(view, machine, hop.source, parked), chooseStrategy(view, machine, parked, hop.target)];
  return ways.every(({ kind }) => kind === 'chosen');
}

function thirdHosts(view: View, { source, target }: Hop): readonly HostView[] {
  return [...view.hosts.values()].filter(({ name }) => name !== source?.host && name !== target.host);
}

/** Null for a machine that runs nowhere: it cannot step aside. */
function asideQuestion(view: View, now: Occupancy, { wish: { machine }, source }: Hop) {
  const here = view.hosts.get(source?.host ?? '');
  if (source === null || here === undefined) return null;
  const standing = { view, occupancy: now, machine, host: here, cell: null, relief: null };
  const constraints = CONSTRAINTS.filter(
    (constraint) => constraint.always || objection(standing, [constraint]) === null,
  );
  return { view, occupancy: now, present: now, machine, source, relief: null, constraints };
}

function asideFor(view: View, now: Occupancy, hop: Hop, mayBe: (host: string) => boolean): Bypass | null {
  const { wish, source } = hop;
  const { machine } = wish;
  const question = asideQuestion(view, now, hop);
  if (source === null || question === null) return null;
  const hosts = thirdHosts(view, hop).filter(({ name }) => mayBe(name));
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
