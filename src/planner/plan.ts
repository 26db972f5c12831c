import type { Desired, Move, Plan, Refusal, World } from '../model/index.js';
import { hashPlan } from '../model/index.js';
import { checksOf, policiesOf } from './checks.js';
import { driftOf } from './drift.js';
import { fingerprint } from './fingerprint.js';
import type { Hop, OrderedHop } from './order/hop.js';
import { causesOf, moveOf } from './order/move.js';
import { limitsOf } from './order/limits.js';
import { sequence } from './order/sequence.js';
import type { Sequence } from './order/sequence.js';
import { stepsOf } from './order/steps.js';
import { makespanOf } from './order/makespan.js';
import { wavesOf } from './order/waves.js';
import { projectionsOf } from './projections.js';
import { reasonAside, reasonerOf } from './reasoning.js';
import type { Selection } from './select/index.js';
import { select } from './select/index.js';
import type { Wish } from './select/wish.js';
import type { Solve, View } from './view.js';
import { viewOf } from './view.js';

/**
 * What there is to do so that the cluster becomes what is written, in which order, and why; and what cannot be done. `solve`: the search to
 * use instead of the planner's own, such as one by several threads.
 */
export function plan(desired: Desired, world: World, solve?: Solve): Plan {
  const view = viewOf(desired, world, solve);
  const { selection, hops } = decide(view);
  return assemble(view, selection, hops);
}

/**
 * Wishes and an order for them. When nothing undoes a knot, all is thought over again: without the moves of it that a policy wished for only
 * together, since nobody asked for those; where it has none, its machines stay where they are.
 */
export function decide(view: View): { readonly selection: Selection; readonly hops: readonly OrderedHop[] } {
  const staying = new Map<string, Refusal>();
  const parted = new Set<string>();
  for (;;) {
    const selection = select(view, staying, parted);
    const order = sequence(view, selection.wishes);
    if (order.kind === 'ordered') return { selection, hops: order.hops };
    const joint = order.hops.filter(({ wish }) => isJoint(wish) && !parted.has(wish.machine.name));
    for (const { wish } of joint) parted.add(wish.machine.name);
    if (joint.length > 0) continue;
    for (const refusal of knotRefusals(order)) staying.set(refusal.machine, refusal);
  }
}

function isJoint({ cause, judgement }: Wish): boolean {
  return 'policy' in cause && judgement.together !== undefined;
}

/** Machines are named with where they are, also those that a bypass would have brought somewhere else meanwhile. */
function knotRefusals({ hops, relaxation, asides }: Extract<Sequence, { kind: 'knot' }>): readonly Refusal[] {
  const ways = hops.map(
    ({ wish: { machine, source, target } }) => `${machine.name} (${source?.host ?? 'new'} → ${target.host})`,
  );
  const freeing = relaxation === null ? '' : `; ${relaxation}`;
  return hops.map((hop) => ({
    machine: hop.wish.machine.name,
    reason: 'CyclicSwap',
    message: `${ways.join(' and ')} wait for each other, and no host lets one of them step aside${freeing}`,
    advice: 'OtherHost',
    candidates: asides.get(hop) ?? [],
  }));
}

function assemble(view: View, selection: Selection, ordered: readonly OrderedHop[]): Plan {
  const { desired, world } = view;
  const hops = ordered.map(({ hop }) => hop);
  const causes = causesOf(hops);
  const reasoningOf = reasonerOf(view, selection.wishes);
  const reasoned = (hop: Hop) => (hop.bypass ? reasonAside(hop.wish) : reasoningOf(hop.wish));
  const moveByHop = new Map(hops.map((hop) => [hop, moveOf(view, hop, causes, reasoned(hop))]));
  const moves = [...moveByHop.values()];
  const steps = stepsOf(view, ordered, moveByHop);
  const policies = policiesOf(view, moves);
  const limits = limitsOf(
    desired,
    policies.map((policy) => policy.limits),
  );
  const ttlSeconds = Math.min(
    ...(policies.length > 0 ? policies : desired.migrationPolicies).map((p) => p.planTtlSeconds),
  );
  const unchecked: Omit<Plan, 'planHash'> = {
    formatVersion: '1.0',
    cluster: desired.cluster.name,
    baseRevision: desired.revision,
    observedFingerprint: fingerprint(world),
    createdAt: world.at,
    expiresAt: world.at + ttlSeconds * 1000,
    causes,
    moves,
    steps,
    waves: wavesOf(view, steps, moves, limits),
    limits,
    refusals: selection.refusals,
    drift: [...driftOf(view), ...selection.unmet],
    checks: [],
    projections: projectionsOf(view, hops),
    summary: summaryOf(moves, selection.refusals, makespanOf(view, steps, moves, limits)),
  };
  const planHash = hashPlan(unchecked);
  return { ...unchecked, planHash, checks: checksOf(view, moves, planHash) };
}

function summaryOf(moves: readonly Move[], refusals: readonly Refusal[], seconds: number): Plan['summary'] {
  const total = (of: (move: Move) => number) => moves.reduce((sum, move) => sum + of(move), 0);
  return {
    moves: moves.filter((move) => move.from !== null).length,
    deployments: moves.filter((move) => move.from === null).length,
    refusals: refusals.length,
    seconds: Math.round(seconds * 10) / 10,
    bytes: total((move) => move.estimate.bytes),
    downtimeMs: total((move) => move.estimate.downtimeMs),
  };
}
