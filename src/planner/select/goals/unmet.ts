import type { Drift, LoadPolicy, Refusal } from '../../../model/index.js';
import { percent } from '../../percent.js';
import type { Answer } from '../../place/search.js';
import { refusedAmong } from '../../place/search.js';
import type { HostView, MachineView } from '../../view.js';
import type { Draft } from '../draft.js';
import { branchOf } from '../draft.js';
import { coolingDown, standstill } from '../movable.js';
import { noPlace } from '../wish.js';
import type { Field } from './field.js';
import { fieldOf } from './field.js';
import { imbalanceOf } from './imbalance.js';
import { spareMoves } from './occupants.js';
import { ask, lift } from './reroute.js';
import { unmetSlots } from './unmet-slots.js';

/** What load policies with a goal ask for and do not get: of the machine that would help most, or of the policy itself. */
export interface Unmet {
  readonly refusals: readonly Refusal[];
  readonly drift: readonly Drift[];
}

/**
 * Goals that the draft leaves unmet, and why: one refusal a policy that stays out of balance, one finding a policy that has no machine to
 * speak of or no room for a slot. `told` are machines that have a refusal already. Texts hold no loads, so that they stay the same.
 */
export function unmetGoals(draft: Draft, held: ReadonlySet<string>, told: ReadonlySet<string>): Unmet {
  const refusals = new Map<string, Refusal>();
  const drift: Drift[] = [];
  for (const policy of draft.view.desired.loadPolicies.filter(({ suspended }) => !suspended)) {
    if (policy.goal === 'defragment') drift.push(...unmetSlots(draft, policy, held));
    if (policy.goal !== 'balance') continue;
    const unmet = unbalanced(draft, policy, held, new Set([...told, ...refusals.keys()]));
    for (const refusal of unmet.refusals) refusals.set(refusal.machine, refusal);
    drift.push(...unmet.drift);
  }
  return { refusals: [...refusals.values()], drift };
}

function unbalanced(draft: Draft, policy: LoadPolicy, held: ReadonlySet<string>, told: ReadonlySet<string>): Unmet {
  const field = fieldOf(draft, policy, held);
  const cause = imbalanceOf(draft, policy, field.hosts);
  if (cause?.kind !== 'balance') return { refusals: [], drift: [] };
  const { metric } = cause;
  const load = ({ name }: HostView) => draft.final.load(name, metric) ?? 0;
  const mean = field.hosts.reduce((sum, host) => sum + load(host), 0) / Math.max(1, field.hosts.length);
  const names = new Map(field.hosts.map((host) => [host.name, host]));
  const candidates = [...draft.view.machines.values()].flatMap((machine) => {
    const host = names.get(machine.running?.host ?? '');
    if (host === undefined || draft.wishes.has(machine.name)) return [];
    const share = (draft.view.loads.share(machine.name, metric) ?? 0) / draft.view.loads.full(host.name, metric);
    // What is above the mean is all that it helps to take away.
    return load(host) > mean ? [{ machine, host, relief: Math.min(share, load(host) - mean) }] : [];
  });
  const [first] = candidates.toSorted((a, b) => b.relief - a.relief || (a.machine.name < b.machine.name ? -1 : 1));
  const apart = `${metric} deviates by more than ${percent(policy.tolerance)} (standard deviation) between the hosts of load policy ${policy.name}`;
  if (first === undefined) {
    const message = `${apart}, and nothing that is written and stays there runs on the hosts above the mean`;
    return { refusals: [], drift: [finding(policy, message)] };
  }
  if (told.has(first.machine.name)) {
    const message = `${apart}; ${first.machine.name} on ${first.host.name} would help most, and is refused for another reason`;
    return { refusals: [], drift: [finding(policy, message)] };
  }
  return { refusals: [refusalOf(draft, field, first, apart)], drift: [] };
}

function finding({ name }: LoadPolicy, message: string): Drift {
  return { subject: `LoadPolicy/${name}`, code: 'GoalUnmet', message };
}

function refusalOf(
  draft: Draft,
  { policy, hosts, machines }: Field,
  { machine, host }: { readonly machine: MachineView; readonly host: HostView },
  apart: string,
): Refusal {
  const { name } = machine;
  const others = hosts.filter((other) => other !== host);
  const branch = branchOf(draft);
  const standing = { machine, host: host.name };
  lift(branch, standing);
  const answers = ask(branch, standing, others);
  const resting = standstill(draft.view, machine) ?? coolingDown(draft.view, policy, machine);
  if (resting !== null)
    return { ...resting, message: `${apart}; ${resting.message}`, candidates: candidatesOf(answers) };
  if (!machines.has(name)) {
    const message = `${apart}; the load of ${name} is not known`;
    return { machine: name, reason: 'MissingSamples', message, advice: 'Wait', candidates: candidatesOf(answers) };
  }
  const why = `${apart}; ${name} on ${host.name} would help most, and`;
  if (spareMoves(draft, policy) <= 0) {
    const message = `${why} the policy allows ${policy.maxMoves} moves a plan`;
    return { machine: name, reason: 'BlastRadius', message, advice: 'Wait', candidates: [] };
  }
  const refused = refusedAmong(answers);
  if (refused.length === answers.length) return noPlace(name, `${why} no host can take it`, refused);
  const little = 'moving it would gain less than the policy asks for';
  return {
    ...{ machine: name, reason: 'GainTooSmall', message: `${why} ${little}`, advice: 'Wait' },
    candidates: candidatesOf(answers, little),
  };
}

/** What each host that was asked has against the machine; one that would take it, what is said of the move. */
function candidatesOf(answers: readonly Answer[], little: string | null = null): Refusal['candidates'] {
  return answers.flatMap((answer) => {
    if (answer.kind === 'refused') {
      return [{ host: answer.host, constraint: answer.constraint, message: answer.message }];
    }
    return little === null ? [] : [{ host: answer.host, constraint: 'minimum-gain', message: little }];
  });
}
