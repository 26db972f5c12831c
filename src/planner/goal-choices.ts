import type { LoadPolicy, RunnerUp } from '../model/index.js';
import { evaluate } from './engine/evaluate.js';
import { State } from './engine/state.js';
import { weightsFor } from './objectives.js';
import type { Packing } from './pack/packing.js';
import { packOf } from './pack/packing.js';
import type { Refused } from './place/search.js';
import { hostsFor } from './select/deploy.js';
import type { Draft } from './select/draft.js';
import { branchOf, madeOf } from './select/draft.js';
import { staysBelow } from './select/goals/consolidate.js';
import { minutesOf, mostOf, objectivesFor } from './select/goals/cost.js';
import { fieldOf } from './select/goals/field.js';
import { ask, lift, openTo } from './select/goals/reroute.js';
import { holdSlots } from './select/goals/slot.js';
import { isCrossing } from './select/judgement.js';
import type { Wish } from './select/wish.js';
import type { HostView, MachineView, View } from './view.js';

/** What a policy's goal says of the hosts for a machine that it sends elsewhere, all other moves being made. */
export interface Choice {
  readonly policy: LoadPolicy;
  /** The cluster with all moves made and the machine nowhere. */
  readonly draft: Draft;
  /** Weighted sum of the objectives with the machine on each host; a host is the dearer the more it costs to get there. Less is better. */
  readonly scores: ReadonlyMap<string, number>;
  /** Why the goal does not send the machine to a host, whatever the host says; null where it could. */
  readonly objection: (host: HostView) => Refused | null;
  /** The best other host that would take the machine. */
  readonly runnerUp: () => RunnerUp | null;
}

/** The choice behind each wish whose place a policy's goal chose; null for the others. */
export function choicesOf(view: View, wishes: readonly Wish[]): (wish: Wish) => Choice | null {
  const stages = new Map<string, Stage>();
  return (wish) => {
    const policy = chooserOf(view, wish);
    if (policy === null) return null;
    const stage = stages.get(policy.name) ?? stageOf(view, wishes, policy);
    stages.set(policy.name, stage);
    return choiceOf(stage, wish);
  };
}

/** The policy whose goal was the last to send the machine somewhere. */
function chooserOf({ desired }: View, { cause, judgement }: Wish): LoadPolicy | null {
  const last = judgement.also?.at(-1) ?? cause;
  if (last.kind !== 'balance' && last.kind !== 'consolidate' && last.kind !== 'defragment') return null;
  return desired.loadPolicies.find(({ name }) => name === last.policy) ?? null;
}

/** The cluster as a policy sees it once all moves are made. */
interface Stage {
  readonly policy: LoadPolicy;
  readonly draft: Draft;
  readonly hosts: readonly HostView[];
  readonly packing: Packing;
  /** Knows costs alone: what is possible is asked of the hosts. */
  readonly state: State;
}

function stageOf(view: View, wishes: readonly Wish[], policy: LoadPolicy): Stage {
  const draft = madeOf(view, wishes);
  if (policy.goal === 'defragment') holdSlots(draft, policy, fieldOf(draft, policy, new Set()).hosts);
  const field = fieldOf(draft, policy, new Set());
  const packing = packOf(view, draft.final, {
    movable: ({ name }) => draft.wishes.has(name),
    relief: null,
    // What the machine's own way costs depends on where it runs, which the packing does not know: the move is made there.
    objectives: (packed) => ({ ...objectivesFor(draft, field, packed), moved: null, crossing: null }),
  });
  const { instance } = packing;
  const capacity = new Float64Array(instance.capacity.length).fill(Infinity);
  const state = new State({ ...instance, capacity, unary: null, rules: [] });
  return { policy, draft, hosts: field.hosts, packing, state };
}

/** Hosts that are asked exactly before those are left out that are sure to refuse, which takes a look at all of them. */
const AT_ONCE = 3;

function choiceOf(stage: Stage, { machine, target }: Wish): Choice {
  const { policy, hosts } = stage;
  const standing = { machine, host: target.host };
  const draft = branchOf(stage.draft);
  lift(draft, standing);
  const best = bestPlaces(stage, machine);
  const objection = (host: HostView) => objectionTo(stage, draft, machine, host);
  const runnerUp = () => {
    const scoreAt = ({ name }: HostView) => best.get(name)?.score ?? Infinity;
    const taken = [target.host, machine.running?.host];
    const others = hosts
      .filter((host) => !taken.includes(host.name))
      .toSorted((a, b) => scoreAt(a) - scoreAt(b) || (a.name < b.name ? -1 : 1));
    const takes = (host: HostView) => objection(host) === null && ask(draft, standing, [host])[0]?.kind === 'feasible';
    const next = others.slice(0, AT_ONCE).find(takes) ?? openTo(draft, standing, others.slice(AT_ONCE)).find(takes);
    if (next === undefined) return null;
    const [worse, better] = [next.name, target.host].map((host) => costsAt(stage, machine, host, best));
    const difference = scoreAt(next) - (best.get(target.host)?.score ?? Infinity);
    if (worse === undefined || better === undefined) return null;
    return { host: next.name, difference, objective: mostOf(worse, better) };
  };
  return { policy, draft, scores: new Map([...best].map(([host, { score }]) => [host, score])), objection, runnerUp };
}

type Places = ReadonlyMap<string, { readonly place: number; readonly score: number }>;

/** The best place on each host. */
function bestPlaces({ policy, draft, packing, state }: Stage, machine: MachineView): Places {
  const index = packing.machineAt.get(machine.name) ?? -1;
  const best = new Map<string, { readonly place: number; readonly score: number }>();
  const way = wayOf(draft, policy, machine);
  for (let place = 0; place < packing.instance.places; place++) {
    const { host } = packing.hostAt(place);
    const { moved, crossing } = way(host);
    const score = state.cost + state.shiftDelta(index, place) + moved + crossing;
    if (score < (best.get(host)?.score ?? Infinity)) best.set(host, { place, score });
  }
  return best;
}

/** Weighted costs of the machine's way from where it runs to a host. */
function wayOf({ view }: Draft, policy: LoadPolicy, machine: MachineView) {
  const { migration, groupCrossing } = weightsFor(policy);
  const away = migration * minutesOf(view, machine);
  return (host: string) => ({
    moved: host === machine.running?.host ? 0 : away,
    crossing: isCrossing(view, machine, host) ? groupCrossing : 0,
  });
}

function costsAt({ policy, draft, packing, state }: Stage, machine: MachineView, host: string, best: Places) {
  const index = packing.machineAt.get(machine.name) ?? -1;
  const place = best.get(host)?.place ?? -1;
  const assignment = state.place.map((other, each) => (each === index ? place : other));
  return { ...evaluate(state.instance, assignment), ...wayOf(draft, policy, machine)(host) };
}

function objectionTo({ policy, hosts }: Stage, draft: Draft, machine: MachineView, host: HostView): Refused | null {
  const { name } = host;
  const because = (constraint: string, message: string): Refused => ({
    kind: 'refused',
    host: name,
    constraint,
    message,
  });
  if (!policy.hosts.includes(name)) return because('load', `load policy ${policy.name} is not for ${name}`);
  if (name === machine.running?.host) return null;
  if (!hosts.includes(host))
    return because('load', `load policy ${policy.name} plans without ${name}: it is closed, or its load is not known`);
  if (machine.running === null && !hostsFor(draft.view, machine).includes(host))
    return because('stopped-machine', `${machine.name} is stopped elsewhere and starts there`);
  if (policy.crossGroup === 'never' && isCrossing(draft.view, machine, name))
    return because('group-policy', `load policy ${policy.name} moves no machine out of its access group`);
  if (policy.goal === 'consolidate' && !staysBelow(draft, policy, host, { machine, host: name }))
    return because('load', `load policy ${policy.name} keeps hosts that take machines clear of the high threshold`);
  return null;
}
