import type { Candidate, Decision, Desired, Explanation, LoadPolicy, Refusal, World } from '../model/index.js';
import type { Choice } from './goal-choices.js';
import { choicesOf } from './goal-choices.js';
import { Occupancy } from './occupancy.js';
import { answers, sourceOf } from './place/search.js';
import type { Answer } from './place/search.js';
import { decide } from './plan.js';
import { hostsFor } from './select/deploy.js';
import { reasonAside, reasonerOf } from './reasoning.js';
import type { Draft } from './select/draft.js';
import { madeOf } from './select/draft.js';
import { fieldOf } from './select/goals/field.js';
import { imbalanceOf } from './select/goals/imbalance.js';
import { hotHosts } from './select/hot-hosts.js';
import { coolingDown, standstill } from './select/movable.js';
import { violationOf } from './select/required.js';
import type { Wish } from './select/wish.js';
import type { MachineView, Solve, View } from './view.js';
import { viewOf } from './view.js';

/** What a plan made now (with `solve`) does with a machine and why, and for each host why it could or could not be there. */
export function explain(desired: Desired, world: World, machine: string, solve?: Solve): Explanation {
  const view = viewOf(desired, world, solve);
  const found = view.machines.get(machine);
  if (found === undefined) {
    const decision: Decision = { kind: 'stays', message: `no document writes ${machine}` };
    return { machine, host: null, decision, candidates: [] };
  }
  const fate = fateOf(decide(view), found);
  const host = found.running?.host ?? null;
  return { machine, host, decision: decisionOf(view, found, fate), candidates: candidatesFor(view, found, fate) };
}

/** What the selection of the plan says of one machine. */
interface Fate {
  readonly wish: Wish | null;
  readonly refusal: Refusal | null;
  readonly others: readonly Wish[];
  /** Hosts that the machine is parked on before it goes where it shall be. */
  readonly asides: NonNullable<Extract<Decision, { kind: 'goes' }>['asides']>;
}

function fateOf({ selection, hops }: ReturnType<typeof decide>, { name }: MachineView): Fate {
  const { wishes, refusals } = selection;
  const parked = hops.filter(({ hop }) => hop.bypass && hop.wish.machine.name === name);
  return {
    wish: wishes.find((entry) => entry.machine.name === name) ?? null,
    refusal: refusals.find((entry) => entry.machine === name) ?? null,
    others: wishes.filter((entry) => entry.machine.name !== name),
    asides: parked.map(({ hop }) => ({ host: hop.target.host, reason: reasonAside(hop.wish).without })),
  };
}

function decisionOf(view: View, machine: MachineView, { wish, refusal, others, asides }: Fate): Decision {
  if (wish !== null) {
    const { target, cause } = wish;
    const reasoning = reasonerOf(view, [wish, ...others])(wish);
    const { host: to, strategy } = target;
    return { kind: 'goes', to, strategy, cause, ...(asides.length === 0 ? {} : { asides }), reasoning };
  }
  if (refusal !== null) {
    const { reason, message, advice } = refusal;
    return { kind: 'refused', reason, message, advice };
  }
  return { kind: 'stays', message: whyItStays(view, machine, others) };
}

function whyItStays(view: View, machine: MachineView, others: readonly Wish[]): string {
  const standing = standstill(view, machine);
  if (standing !== null) return standing.message;
  const against = violationOf(view, Occupancy.of(view), machine);
  if (against !== null) return `${against.message}, and the other moves of the plan settle that`;
  const policies = view.desired.loadPolicies.filter(
    (policy) => !policy.suspended && policy.hosts.includes(machine.running?.host ?? ''),
  );
  const draft = madeOf(view, others);
  const goals = policies.flatMap((policy) => whyNoGoal(draft, policy));
  const cooling = policies.flatMap((policy) => coolingDown(view, policy, machine) ?? []);
  return [
    ...(goals.length === 0 ? ['nothing asks it to move'] : goals),
    ...cooling.slice(0, 1).map(({ message }) => message),
  ].join('; ');
}

/** Why a policy with a goal of its own leaves machines where they are, once the plan's moves are made. */
function whyNoGoal(draft: Draft, policy: LoadPolicy): readonly string[] {
  switch (policy.goal) {
    case 'relieve':
      return [];
    case 'balance': {
      const isEven = imbalanceOf(draft, policy, fieldOf(draft, policy, new Set()).hosts) === null;
      const plain = `its hosts deviate by no more than the tolerance`;
      return [
        `load policy ${policy.name} balances; ${isEven ? plain : 'moving it gains less than a move costs, or than others'}`,
      ];
    }
    case 'consolidate':
      return [`load policy ${policy.name} consolidates; its host stays in use, or emptying it is not worth the moves`];
    case 'defragment':
      return [`load policy ${policy.name} defragments; its room is not needed, or not worth a move`];
  }
}

/**
 * Every host is asked as the plan asks: with all that the plan moves and starts in its new place, as if the machine itself were
 * nowhere. What the plan has found of a host is told as it found it.
 */
function candidatesFor(
  view: View,
  machine: MachineView,
  { wish, refusal, others, asides }: Fate,
): readonly Candidate[] {
  const choice = wish === null ? null : choicesOf(view, [wish, ...others])(wish);
  const draft = choice?.draft ?? withoutIt(view, machine, others);
  const source = sourceOf(view, machine);
  const relief = reliefFor(view, machine, wish);
  const { final: occupancy, present } = draft;
  const asked = answers({ view, occupancy, present, machine, source, relief });
  const known = new Map<string, Answer>([
    ...outOfQuestion(view, machine).map((answer) => [answer.host, answer] as const),
    ...(refusal?.candidates ?? []).map((entry) => [entry.host, { kind: 'refused', ...entry }] as const),
    ...(wish === null ? [] : [[wish.target.host, wish.target] as const]),
  ]);
  const told = asked.map((answer) => known.get(answer.host) ?? objectionTo(view, choice, answer) ?? answer);
  const parked = new Set(asides.map(({ host }) => host));
  return told
    .map((answer) => candidateOf(answer, machine, choice?.scores ?? null))
    .map((found) => (parked.has(found.host) ? { ...found, message: asideNote(found) } : found))
    .toSorted((a, b) => rank(a) - rank(b) || (a.host < b.host ? -1 : 1));
}

function withoutIt(view: View, machine: MachineView, others: readonly Wish[]): Draft {
  const draft = madeOf(view, others);
  if (machine.running !== null) draft.final.lift(machine.name, machine.running.host);
  return draft;
}

/** Why the goal that sends the machine away does not send it to the host, which may well have something against that as well. */
function objectionTo({ hosts }: View, choice: Choice | null, answer: Answer): Answer | null {
  const host = hosts.get(answer.host);
  if (choice === null || host === undefined) return null;
  const objection = choice.objection(host);
  return answer.kind === 'feasible' || !choice.policy.hosts.includes(host.name) ? objection : null;
}

/** A machine is parked also where it could not stay. */
function asideNote({ message }: Candidate): string {
  return [...(message === '' ? [] : [message]), 'the machine only steps aside there'].join('; ');
}

/** The load policy under which the plan looks, or would look, for a host; null when the machine goes for another reason or stays. */
function reliefFor(view: View, machine: MachineView, wish: Wish | null): LoadPolicy | null {
  const policies = view.desired.loadPolicies.filter((policy) => !policy.suspended);
  if (wish !== null) {
    const { cause } = wish;
    return cause.kind === 'load' ? (policies.find((policy) => policy.name === cause.policy) ?? null) : null;
  }
  const now = Occupancy.of(view);
  if (violationOf(view, now, machine) !== null) return null;
  const isHot = ({ host }: { readonly host: { readonly name: string } }) => host.name === machine.running?.host;
  return policies.find((policy) => hotHosts(view, policy, now).some(isHot)) ?? null;
}

/** A machine that is stopped starts where it is, and no other host is asked. */
function outOfQuestion(view: View, machine: MachineView): readonly Answer[] {
  if (machine.running !== null) return [];
  const asked = hostsFor(view, machine);
  const message = `${machine.name} is stopped on ${asked.map(({ name }) => name).join(', ')} and starts there`;
  return [...view.hosts.values()]
    .filter((host) => !asked.includes(host))
    .map(({ name }) => ({ kind: 'refused', host: name, constraint: 'stopped-machine', message }));
}

function rank({ score }: Candidate): number {
  return score ?? Number.MAX_VALUE;
}

function candidateOf(answer: Answer, machine: MachineView, scores: ReadonlyMap<string, number> | null): Candidate {
  const { host } = answer;
  const here = host === machine.running?.host;
  switch (answer.kind) {
    case 'feasible':
      return { host, here, feasible: true, constraint: '', message: '', score: scores?.get(host) ?? answer.score };
    case 'refused':
      return { host, here, feasible: false, constraint: answer.constraint, message: answer.message, score: null };
  }
}
