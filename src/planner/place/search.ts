import type { Estimate, LoadPolicy, Strategy, Weights } from '../../model/index.js';
import type { Candidate, Constraint } from '../constraints/index.js';
import { CONSTRAINTS, objection } from '../constraints/index.js';
import type { Occupancy } from '../occupancy.js';
import type { Frame } from '../pack/frame.js';
import type { Placement } from '../placement.js';
import { placementOf } from '../placement.js';
import { scoresOf, totalOf } from '../objectives.js';
import type { Source } from '../strategy.js';
import { chooseStrategy } from '../strategy.js';
import type { HostView, MachineView, View } from '../view.js';
import { boundsOf } from './bounds.js';
import { matchClaims } from './devices.js';
import type { Appraiser } from './drawbacks.js';
import { appraiserOf, fitsNow } from './drawbacks.js';

/** What one host says to a machine. */
export type Answer =
  | {
      readonly kind: 'feasible';
      readonly host: string;
      readonly placement: Placement;
      readonly strategy: Strategy;
      readonly strategyReason: string;
      readonly estimate: Estimate;
      /** What speaks against the place by objective; `score` is the sum. */
      readonly scores: Weights;
      readonly score: number;
    }
  | { readonly kind: 'refused'; readonly host: string; readonly constraint: string; readonly message: string };

export type Feasible = Extract<Answer, { kind: 'feasible' }>;
export type Refused = Extract<Answer, { kind: 'refused' }>;

export interface Question {
  readonly view: View;
  /** The cluster as it shall be, without the machine's own place. */
  readonly occupancy: Occupancy;
  /** The cluster as it is, with all that comes. */
  readonly present: Occupancy;
  readonly machine: MachineView;
  readonly source: Source;
  readonly relief: LoadPolicy | null;
  readonly constraints?: readonly Constraint[];
}

/** The place that a running machine leaves; null for one that runs nowhere. */
export function sourceOf(view: View, machine: MachineView): Source {
  if (machine.running === null) return null;
  return placementOf(machine.running, view.hosts.get(machine.running.host) ?? null);
}

/** Asks every host of the cluster, or those given; feasible ones come first, best first, then the others by name. */
export function answers(question: Question, hosts?: Iterable<HostView>): readonly Answer[] {
  const asked = askedOf(question);
  const all = [...(hosts ?? question.view.hosts.values())].map((host) => answerOf(asked, host));
  return sorted(all);
}

/**
 * The answers that count for a choice, sorted as `answers` does it: of the two best places and of hosts that promised to be better and
 * said no; of all hosts when none can take the machine.
 */
export function bestAnswers(question: Question, hosts?: readonly HostView[]): readonly Answer[] {
  const { occupancy, constraints } = question;
  const { frame } = occupancy;
  const bounds = boundsOf(question, constraints).map(coarse);
  const among = hosts ?? frame.views;
  const open = numbersOf(frame, among);
  const asked = askedOf(question);
  const found: Answer[] = [];
  let [first, second] = [Infinity, Infinity];
  for (let next = leastOf(bounds, open); next >= 0; next = leastOf(bounds, open)) {
    const host = frame.views[next];
    if (host === undefined || second <= (bounds[next] ?? Infinity)) break;
    bounds[next] = Infinity;
    const answer = answerOf(asked, host);
    found.push(answer);
    const score = coarse(answer.kind === 'feasible' ? answer.score : Infinity);
    [first, second] = [Math.min(first, score), Math.max(first, Math.min(second, score))];
  }
  const isPlaced = found.some(({ kind }) => kind === 'feasible');
  if (isPlaced) return sorted(found);
  const told = new Map(found.map((answer) => [answer.host, answer]));
  return sorted(among.map((host) => told.get(host.name) ?? answerOf(asked, host)));
}

function numbersOf({ hostAt, views }: Frame, hosts: readonly HostView[]): Int32Array {
  if (hosts.length === views.length) return Int32Array.from(views.keys());
  return Int32Array.from(hosts, ({ name }) => hostAt.get(name) ?? -1).sort();
}

/** The host with the least bound, the first of equal ones; -1 when none is open. */
function leastOf(bounds: Float64Array, hosts: Int32Array): number {
  let least = Infinity;
  let found = -1;
  for (const host of hosts) {
    const bound = bounds[host] ?? Infinity;
    if (bound < least) [least, found] = [bound, host];
  }
  return found;
}

/** Scores that differ by less than this are the same: they were added up in another order. */
function coarse(score: number): number {
  return Math.round(score * 1e9) / 1e9;
}

function sorted(all: readonly Answer[]): readonly Answer[] {
  return all.toSorted((a, b) => rank(a) - rank(b) || (a.host < b.host ? -1 : 1));
}

/** The best of the answers, null when none is feasible. */
export function best(all: readonly Answer[]): Feasible | null {
  const first = all[0];
  return first?.kind === 'feasible' ? first : null;
}

/** Those who said no, with their binding constraints. */
export function refusedAmong(all: readonly Answer[]): readonly Refused[] {
  return all.filter((answer) => answer.kind === 'refused');
}

function rank(answer: Answer): number {
  return answer.kind === 'feasible' ? coarse(answer.score) : Number.MAX_VALUE;
}

type Asked = Question & { readonly appraise: Appraiser };

function askedOf(question: Question): Asked {
  return { ...question, appraise: appraiserOf(question.view, question.occupancy, question.machine) };
}

/** The first cell that can take the machine; when none can, the cell that came nearest says what binds. */
function answerOf(question: Asked, host: HostView): Answer {
  let binding: Refused | null = null;
  for (const cell of cellsFor(question.machine, host)) {
    const answer = answerInCell({ ...question, host, cell });
    if (answer.kind === 'feasible') return answer;
    if (binding === null || progress(answer) > progress(binding)) binding = answer;
  }
  return (
    binding ?? {
      kind: 'refused',
      host: host.name,
      constraint: 'numa-locality',
      message: `${host.name} reports no cell`,
    }
  );
}

/** How many constraints let the place pass before one said no; the strategy is asked after all of them. */
function progress({ constraint }: Refused): number {
  const index = CONSTRAINTS.findIndex((entry) => entry.name === constraint);
  return index < 0 ? CONSTRAINTS.length : index;
}

/** Cells to try for a machine that has to be in one; null stands for a machine that floats. */
export function cellsFor(machine: MachineView, host: HostView): readonly (number | null)[] {
  const pinned = machine.desired.numaPinned || machine.desired.claims.some((claim) => claim.numaLocal);
  return pinned && host.observed !== null ? host.observed.numaNodes.map((node) => node.id) : [null];
}

function answerInCell(candidate: Candidate & Asked): Answer {
  const { view, machine, source, host, cell } = candidate;
  const against = objection(candidate, candidate.constraints ?? CONSTRAINTS);
  if (against !== null) return { kind: 'refused', host: host.name, ...against };
  const match = matchClaims(candidate);
  if (match.kind === 'unmatched') {
    throw new Error(`${machine.name}: claim ${match.claim.name} is unmatched although the constraint let it pass`);
  }
  const placement: Placement = { host: host.name, cell, devices: match.devices };
  const choice = chooseStrategy(view, machine, source, placement);
  if (choice.kind === 'none')
    return { kind: 'refused', host: host.name, constraint: 'strategy', message: choice.message };
  const strategyRank = Math.max(0, machine.desired.strategies.indexOf(choice.strategy));
  const drawbacks = {
    ...candidate.appraise(candidate.occupancy.frame.hostAt.get(host.name) ?? -1),
    strategy: source === null ? 0 : strategyRank,
    waiting: fitsNow(candidate, placement) ? 0 : 1,
  };
  const scores = scoresOf(drawbacks, candidate.relief?.weights ?? null);
  return {
    kind: 'feasible',
    host: host.name,
    placement,
    strategy: choice.strategy,
    strategyReason: choice.reason,
    estimate: choice.estimate,
    scores,
    score: totalOf(scores),
  };
}
