import type { LoadPolicy, Refusal } from '../../model/index.js';
import type { Answer, Question } from '../place/search.js';
import { answers, bestAnswers, refusedAmong, sourceOf } from '../place/search.js';
import type { HostView, MachineView, View } from '../view.js';
import type { Draft } from './draft.js';
import { addWish, adopt, branchOf } from './draft.js';
import { exchange } from './exchange.js';
import type { HotHost } from './hot-hosts.js';
import { hotHosts, loadCause } from './hot-hosts.js';
import { judgementOf, migrationSeconds, togetherTo } from './judgement.js';
import { coolingDown, standstill } from './movable.js';
import type { Reliever } from './reliever.js';
import { relievers, sparedBy } from './reliever.js';
import type { Shift, Shifted } from './shifts.js';
import { shiftAll } from './shifts.js';
import type { Wish } from './wish.js';
import { adviceOf, noPlace } from './wish.js';
import { isWorthAll, notWorthIt } from './worth.js';

/** Moves that bring hot hosts below their high thresholds. Machines that rules hold where they are do not take part. */
export function selectRelief(draft: Draft, held: ReadonlySet<string>): readonly Refusal[] {
  const refusals: Refusal[] = [];
  for (const policy of draft.view.desired.loadPolicies.filter(
    ({ suspended, goal }) => !suspended && goal === 'relieve',
  )) {
    const all = hotHosts(draft.view, policy, draft.final);
    // The policy's budget is for all of them.
    const evaluations = Math.max(LEAST_EVALUATIONS, Math.floor(policy.search.evaluations / Math.max(1, all.length)));
    for (const hot of all) {
      const first = withoutNeedless(draft, hot, cool(branchOf(draft), hot, held));
      const relief = bettered(draft, hot, held, first, evaluations);
      refusals.push(...relief.refusals);
      adopt(draft, relief.branch);
    }
  }
  return firstOfEach(refusals);
}

/** Share of the cost of a first answer below which another one is worth a change of the plan. */
const CLEARLY_LESS = 0.9;

/** Changes that are looked at for one hot host, at least: fewer find nothing. */
const LEAST_EVALUATIONS = 5000;

interface Relief {
  readonly branch: Draft;
  /** Wishes that this host's load gave rise to, in order. */
  readonly added: readonly Wish[];
  /** The host came below its high threshold; when it did not, `refusals` say why. */
  readonly cooled: boolean;
  readonly refusals: readonly Refusal[];
}

/** Adds wishes to the draft until the host is below its high threshold or nothing helps any more. */
function cool(branch: Draft, hot: HotHost, held: ReadonlySet<string>): Relief {
  const { policy } = hot;
  const added: Wish[] = [];
  while (loadOf(branch, hot) >= hot.high) {
    const { movable, resting } = sortOut(branch, hot, held);
    const tried = relievers(branch.view, hot, branch.final, movable);
    const step = made(branch, policy) < policy.maxMoves ? relieve(branch, hot, tried) : exhausted(hot, tried);
    if (step.kind === 'stuck') return { branch, added, cooled: false, refusals: [...resting, ...step.refusals] };
    addWish(branch, step.wish);
    added.push(step.wish);
  }
  return { branch, added, cooled: true, refusals: [] };
}

/**
 * A later wish can make earlier ones needless: small machines that found a place nearby when the big one that had to go farther
 * suffices alone. They are dropped, the one that relieves least first, and what is left is planned again without them.
 */
function withoutNeedless(draft: Draft, hot: HotHost, relief: Relief): Relief {
  if (!relief.cooled) return relief;
  const drop = ({ machine }: Wish) => draft.view.loads.share(machine.name, hot.metric) ?? 0;
  const spare = (hot.high - loadOf(relief.branch, hot)) * draft.view.loads.full(hot.host.name, hot.metric);
  for (const needless of relief.added.toSorted((a, b) => drop(a) - drop(b))) {
    if (drop(needless) >= spare) break;
    const others = new Set(relief.added.filter((wish) => wish !== needless).map(({ machine }) => machine.name));
    const rest = new Set([...draft.view.machines.keys()].filter((name) => !others.has(name)));
    const leaner = cool(branchOf(draft), hot, rest);
    if (leaner.cooled) return withoutNeedless(draft, hot, leaner);
  }
  return relief;
}

/**
 * What the engine makes of a first answer that leaves the host too hot, or takes several moves: the same with fewer or lighter moves, or with
 * machines that change places. One move cannot be bettered: the lightest of those that suffice was taken.
 */
function bettered(draft: Draft, hot: HotHost, held: ReadonlySet<string>, first: Relief, evaluations: number): Relief {
  const spare = hot.policy.maxMoves - made(draft, hot.policy);
  if ((first.cooled && first.added.length < 2) || spare <= 0) return first;
  const shifts = exchange(draft, hot, held, first.added, { maxMoves: spare, evaluations });
  const before = loadOf(draft, hot);
  const branch = shifts.length === 0 ? null : shiftAll(draft, shifts, (shifted) => wishOf(draft, hot, shifts, shifted));
  if (branch === null) return first;
  const added = shifts.flatMap(({ machine }) => branch.wishes.get(machine.name) ?? []);
  const found: Relief = { branch, added, cooled: loadOf(branch, hot) < hot.high, refusals: [] };
  const gain = before - Math.max(loadOf(branch, hot), hot.low);
  return found.cooled && isWorthAll(hot, gain, added) && isBetter(hot, found, first) ? found : first;
}

function wishOf({ view }: Draft, hot: HotHost, shifts: readonly Shift[], { machine, target }: Shifted): Wish {
  const share = (view.loads.share(machine.name, hot.metric) ?? 0) / view.loads.full(hot.host.name, hot.metric);
  const gain = target.host === hot.host.name ? -share : share;
  const together = togetherTo(shifts.length, `relieve ${hot.host.name}`);
  const judgement = { ...judgementOf(view, machine, target, [target], gain), together };
  const source = sourceOf(view, machine);
  return { machine, source, target, cause: loadCause(hot), gain, advice: adviceOf(machine, target, []), judgement };
}

/** Fewer moves, or as many that cost clearly less, and no less reserve. */
function isBetter(hot: HotHost, found: Relief, first: Relief): boolean {
  if (!first.cooled || found.added.length < first.added.length) return true;
  const isSpared = ({ branch }: Relief) => loadOf(branch, hot) < sparedBy(hot);
  if (found.added.length > first.added.length || (isSpared(first) && !isSpared(found))) return false;
  const cost = ({ added }: Relief) =>
    added.reduce((sum, { machine, target }) => sum + migrationSeconds(machine, target), 0);
  return cost(found) < CLEARLY_LESS * cost(first);
}

function loadOf({ final }: Draft, hot: HotHost): number {
  return final.load(hot.host.name, hot.metric) ?? 0;
}

function made({ wishes }: Draft, policy: LoadPolicy): number {
  return [...wishes.values()].filter(({ cause }) => cause.kind === 'load' && cause.policy === policy.name).length;
}

type Step =
  { readonly kind: 'wish'; readonly wish: Wish } | { readonly kind: 'stuck'; readonly refusals: readonly Refusal[] };

function exhausted({ host, policy }: HotHost, tried: readonly Reliever[]): Step {
  const message = `load policy ${policy.name} allows ${policy.maxMoves} moves a plan; ${host.name} stays above its threshold`;
  const next = tried.slice(0, 1).map(({ machine }) => machine.name);
  return {
    kind: 'stuck',
    refusals: next.map((machine) => ({ machine, reason: 'BlastRadius', message, advice: 'Wait', candidates: [] })),
  };
}

/** The first machine with a host that takes it: hosts behind the same access switch for all machines first, then the others. */
function relieve(draft: Draft, hot: HotHost, tried: readonly Reliever[]): Step {
  const { view, final, present } = draft;
  const refusals = new Map<string, Refusal>();
  for (const hosts of scopesOf(view, hot)) {
    for (const reliever of tried) {
      const { machine, gain } = reliever;
      const source = sourceOf(view, machine);
      const question = { view, occupancy: final, present, machine, source, relief: hot.policy };
      const all = bestAnswers(question, hosts);
      const refused = refusedAmong(all);
      const target = all.find((answer) => answer.kind === 'feasible');
      const isPoor = target !== undefined && notWorthIt(hot, reliever, target, all) !== null;
      const poor = isPoor ? notWorthIt(hot, reliever, target, answers(question, hosts)) : null;
      if (target !== undefined && poor === null) {
        const advice = adviceOf(machine, target, refused);
        const judgement = judgementOf(view, machine, target, [...all, ...farther(question, all, hosts)], gain);
        return { kind: 'wish', wish: { machine, source, target, cause: loadCause(hot), gain, advice, judgement } };
      }
      const before = refusals.get(machine.name);
      // What is not worth it nearby is said as that, whatever hosts farther away say.
      if (before?.reason === 'GainTooSmall' || before?.reason === 'NoBenefit') continue;
      const why = `${machine.name} could relieve ${hot.host.name}, and no host can take it`;
      refusals.set(machine.name, poor ?? noPlace(machine.name, why, merged(before, refused)));
    }
  }
  return { kind: 'stuck', refusals: [...refusals.values()] };
}

/** With the policy `never` the far hosts are asked as well: their answer belongs into the refusal. */
function scopesOf(view: View, { host }: HotHost): readonly (readonly HostView[])[] {
  const others = [...view.hosts.values()].filter((other) => other.name !== host.name);
  const near = others.filter((other) => other.desired.accessGroup === host.desired.accessGroup);
  const far = others.filter((other) => other.desired.accessGroup !== host.desired.accessGroup);
  return [near, far];
}

/** Where the machine would go from a scope that has one host for it only: the runner-up may be farther away. */
function farther(question: Question, all: readonly Answer[], asked: readonly HostView[]): readonly Answer[] {
  if (all[1]?.kind === 'feasible') return [];
  const here = question.machine.running?.host;
  const rest = [...question.view.hosts.values()].filter((host) => host.name !== here && !asked.includes(host));
  return bestAnswers(question, rest);
}

function merged(before: Refusal | undefined, refused: ReturnType<typeof refusedAmong>) {
  return [...(before?.candidates.map((entry) => ({ kind: 'refused' as const, ...entry })) ?? []), ...refused];
}

/** Machines of the host that may be moved, and why the others may not. */
function sortOut({ view, staying, wishes }: Draft, hot: HotHost, held: ReadonlySet<string>) {
  const movable: MachineView[] = [];
  const resting: Refusal[] = [];
  for (const machine of view.machines.values()) {
    const { name, running } = machine;
    if (running?.host !== hot.host.name || staying.has(name) || wishes.has(name) || held.has(name)) continue;
    const refusal =
      standstill(view, machine) ?? coolingDown(view, hot.policy, machine) ?? unsampled(view, hot, machine);
    if (refusal === null) movable.push(machine);
    else resting.push(refusal);
  }
  return { movable, resting };
}

function unsampled(view: View, { metric }: HotHost, machine: MachineView): Refusal | null {
  if (view.loads.share(machine.name, metric) !== null) return null;
  const message = `there is no ${metric} sample of ${machine.name}`;
  return { machine: machine.name, reason: 'MissingSamples', message, advice: 'Wait', candidates: [] };
}

function firstOfEach(refusals: readonly Refusal[]): readonly Refusal[] {
  return [...new Map(refusals.toReversed().map((refusal) => [refusal.machine, refusal])).values()].toReversed();
}
