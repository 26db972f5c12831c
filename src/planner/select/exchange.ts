import type { Instance, Objectives } from '../engine/instance.js';
import { faultOf } from '../constraints/load.js';
import { weightsFor } from '../objectives.js';
import { among } from '../pack/among.js';
import type { Packing } from '../pack/packing.js';
import { packOf } from '../pack/packing.js';
import { DOMAINS } from '../pack/seats.js';
import type { HostView, MachineView, View } from '../view.js';
import type { Draft } from './draft.js';
import { crossingFor, minutesOf } from './goals/cost.js';
import type { HotHost } from './hot-hosts.js';
import { coolingDown, standstill } from './movable.js';
import { sparedBy } from './reliever.js';
import type { Shift } from './shifts.js';
import type { Wish } from './wish.js';

/** Hosts with the least load whose machines may come to the hot host in exchange for one of its own. */
const PARTNERS = 8;
/** What a host costs that is as hot as its threshold, in moves: more than two machines that change places. */
const AT_THRESHOLD = 3;

/**
 * The fewest and lightest moves that the engine finds to bring a hot host below its threshold, changing places with machines of cool hosts
 * where its own fit nowhere alone. It begins with the moves of `first`; machines that the draft moves for other reasons stay out of it.
 */
export function exchange(
  draft: Draft,
  hot: HotHost,
  held: ReadonlySet<string>,
  first: readonly Wish[],
  { maxMoves, evaluations }: { readonly maxMoves: number; readonly evaluations: number },
): readonly Shift[] {
  const { view, final } = draft;
  const { policy, host } = hot;
  const names = new Set([host.name, ...partnersOf(draft, hot).map(({ name }) => name)]);
  const near = [...view.machines.values()].filter(
    (machine) => final.hostsOf(machine.name).every((at) => names.has(at)) && mayGo(draft, hot, held, machine),
  );
  const movable = new Set(near.map(({ name }) => name));
  const packing = packOf(among(view, movable), final, {
    movable: ({ name }) => movable.has(name),
    relief: policy,
    objectives: (packed) => objectivesOf(view, hot, packed),
  });
  const instance = withCoolTargets(draft, hot, packing);
  const start = instance.origin.slice();
  for (const { machine, target } of first) {
    start[packing.machineAt.get(machine.name) ?? -1] = packing.placeOf(target.host, target.placement.cell);
  }
  const { seed } = policy.search;
  const { assignment } = view.solve(instance, { seed, budget: { evaluations }, maxMoves, start });
  return packing.machines.flatMap((machine, index): readonly Shift[] => {
    const to = view.hosts.get(packing.hostAt(assignment[index] ?? -1).host);
    if (assignment[index] === instance.origin[index] || to === undefined) return [];
    return [{ machine, to, relief: to === host ? null : policy }];
  });
}

/** The coolest hosts of the policy but the hot one: among them are those that could give a machine for another. */
function partnersOf({ view, final }: Draft, { host, policy, metric }: HotHost): readonly HostView[] {
  const others = policy.hosts.flatMap((name) => view.hosts.get(name) ?? []).filter((other) => other !== host);
  const load = ({ name }: HostView) => final.load(name, metric) ?? Infinity;
  const known = others.filter((other) => other.observed?.state === 'up' && load(other) < Infinity);
  return known.toSorted((a, b) => load(a) - load(b) || (a.name < b.name ? -1 : 1)).slice(0, PARTNERS);
}

function mayGo(
  { view, staying, parted }: Draft,
  { policy }: HotHost,
  held: ReadonlySet<string>,
  machine: MachineView,
): boolean {
  const { name, running } = machine;
  if (running === null || staying.has(name) || parted.has(name) || held.has(name)) return false;
  if (policy.thresholds.some(({ metric }) => view.loads.share(name, metric) === null)) return false;
  return standstill(view, machine) === null && coolingDown(view, policy, machine) === null;
}

/** The engine knows how hot a host may become; relief goes to such only, besides, as are cool when it begins. */
function withCoolTargets(
  { view, final }: Draft,
  { policy, host: hot }: HotHost,
  { instance, hostAt }: Packing,
): Instance {
  const { unary, places } = instance;
  if (unary === null) return instance;
  const cost = unary.cost.slice();
  const isWarm = new Map(
    [...view.hosts.values()].map(({ name }) => {
      const faults = policy.thresholds.map(({ metric, high, low }) =>
        faultOf({ policy, high, low, now: final.load(name, metric) ?? NaN, more: 0 }, policy),
      );
      return [name, faults.some((fault) => fault !== null)];
    }),
  );
  for (let at = 0; at < cost.length; at++) {
    const { host } = hostAt(at % places);
    if (host !== hot.name && isWarm.get(host) !== false) cost[at] = Infinity;
  }
  return { ...instance, unary: { ...unary, cost } };
}

function objectivesOf(
  view: View,
  hot: HotHost,
  { instance, machines, resources, placeOf }: Omit<Packing, 'instance'> & { instance: Omit<Instance, 'objectives'> },
): Partial<Objectives> {
  const { policy, host, metric, high } = hot;
  const weights = weightsFor(policy);
  const soft = new Float64Array(instance.places * instance.resources).fill(Infinity);
  const weight = new Float64Array(instance.places * instance.resources);
  const at = placeOf(host.name, null) * instance.resources + resources.indexOf(`load ${metric}`);
  const full = view.loads.full(host.name, metric);
  soft[at] = sparedBy(hot) * full;
  weight[at] = AT_THRESHOLD / Math.max(1e-3, high - sparedBy(hot)) / full;
  return {
    excess: { soft, weight },
    moved: Float64Array.from({ length: instance.machines }, (_, index) => {
      const machine = machines[index];
      return 1 + (machine === undefined ? 0 : weights.migration * minutesOf(view, machine));
    }),
    crossing: crossingFor(instance.domains[DOMAINS.indexOf('accessGroup')]?.count ?? 0, weights.groupCrossing),
  };
}
