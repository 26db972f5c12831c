import type { LoadPolicy } from '../../model/index.js';
import { CONSTRAINTS } from '../constraints/index.js';
import type { Constraint } from '../constraints/index.js';
import type { Company, Unary } from '../constraints/constraint.js';
import { openUnits, rulesOf } from '../constraints/declare.js';
import { faultOf } from '../constraints/load.js';
import { drawbackWeights } from '../objectives.js';
import type { Occupancy } from '../occupancy.js';
import type { Frame, Needs } from '../pack/frame.js';
import { needsOf } from '../pack/frame.js';
import { demandOf } from '../placement.js';
import type { Source } from '../strategy.js';
import { strategyFloor } from '../strategy.js';
import type { MachineView, View } from '../view.js';
import type { Appraiser } from './drawbacks.js';
import { appraiserOf } from './drawbacks.js';
import { hostTraits } from './traits.js';

/** A machine that looks for a place. */
interface Seeker {
  readonly view: View;
  readonly occupancy: Occupancy;
  readonly present: Occupancy;
  readonly machine: MachineView;
  readonly source: Source;
  readonly relief: LoadPolicy | null;
}

/**
 * For each written host a score that no place on it can be below, Infinity where a constraint is sure to say no. Counts stand for
 * single devices, and the best strategy that could cross for the one that will, so that the answer of a host can be worse than this,
 * never better: whoever asks hosts in this order can stop at the first answer that no other bound is below.
 */
export function boundsOf(seeker: Seeker, constraints: readonly Constraint[] = CONSTRAINTS): Float64Array {
  const { view, occupancy, machine, relief } = seeker;
  const { frame } = occupancy;
  const bounds = new Float64Array(frame.written);
  const allowed = allowedHosts(view, frame, machine, relief, constraints);
  const open = openHosts(occupancy, machine, constraints);
  const wanted = {
    needs: needsOf(frame, demandOf(machine)),
    claims: claimCounts(machine),
    amounts: true,
    matching: true,
  };
  const ask: Ask = {
    ...seeker,
    ...wanted,
    everything: wanted,
    pinned: machine.desired.numaPinned || machine.desired.claims.some((claim) => claim.numaLocal),
    here: frame.hostAt.get(machine.running?.host ?? '') ?? -1,
    shares: view.loads.metrics.map((metric) => view.loads.share(machine.name, metric) ?? 0),
    appraise: appraiserOf(view, occupancy, machine),
    ranks: new Map(),
    amounts: constraints.some(({ name }) => name === 'capacity'),
    thresholds: constraints.some(({ name }) => name === 'load'),
    matching: constraints.some(({ name }) => name === 'free-devices'),
    weights: drawbackWeights(relief?.weights ?? null),
    kindOf: hostTraits(frame).kind,
  };
  for (let host = 0; host < frame.written; host++) {
    const isAllowed = host === ask.here ? isRight(seeker, frame, host, constraints) : allowed[host] === 1;
    bounds[host] = isAllowed && open.every((isOpen) => isOpen(host)) ? boundOf(ask, host) : Infinity;
  }
  return bounds;
}

/** What has to be free; amounts and devices are looked at where their constraints are asked. */
interface Wanted {
  readonly needs: Needs;
  /** Device class, and how many claims of it. */
  readonly claims: readonly (readonly [string, number])[];
  readonly amounts: boolean;
  readonly matching: boolean;
}

interface Ask extends Seeker, Wanted {
  /** The same, amounts and devices looked at. */
  readonly everything: Wanted;
  readonly pinned: boolean;
  readonly here: number;
  readonly shares: readonly number[];
  readonly appraise: Appraiser;
  /** Kind of host → place of the best strategy, null: none. */
  readonly ranks: Map<number, number | null>;
  readonly thresholds: boolean;
  readonly weights: ReturnType<typeof drawbackWeights>;
  readonly kindOf: Int32Array;
}

function boundOf(ask: Ask, host: number): number {
  const { view, occupancy, machine, source, kindOf, weights, ranks } = ask;
  const { frame } = occupancy;
  const fit = fitOf(ask, host);
  if (fit === 'none') return Infinity;
  if (ask.thresholds && host !== ask.here && isOverloaded(ask, host)) return Infinity;
  const kind = kindOf[host] ?? 0;
  const known = ranks.get(kind);
  const rank = known === undefined ? strategyFloor(view, machine, source, frame.hosts[host] ?? '') : known;
  ranks.set(kind, rank);
  const { load, memory, groupLoad, groupCrossing, waste, functions } = ask.appraise(host);
  return (
    weights.load * load +
    weights.memory * memory +
    weights.groupLoad * groupLoad +
    weights.groupCrossing * groupCrossing +
    // A host that only the strategy refuses is asked all the same: that it would have been better is part of the advice.
    weights.strategy * (rank ?? 0) +
    weights.waiting * (fit === 'now' ? 0 : 1) +
    weights.waste * waste +
    weights.functions * functions
  );
}

/** Whether the machine fits in any cell that it may be in: beside all that is there now as well, only once something has left, or never. */
function fitOf(ask: Ask, host: number): 'now' | 'later' | 'none' {
  const { frame } = ask.occupancy;
  const cells = ask.pinned && frame.views[host]?.observed !== null ? (frame.cells[host]?.values() ?? []) : [host];
  let found: 'later' | 'none' = 'none';
  for (const place of cells) {
    if (!fitsIn(ask, ask.occupancy, host, place)) continue;
    if (fitsIn(ask.everything, ask.present, host, place)) return 'now';
    found = 'later';
  }
  return found;
}

/** Whether a place has the amounts and, by count, the devices that the machine needs. */
export function hasRoom(occupancy: Occupancy, machine: MachineView, place: number): boolean {
  const needs = needsOf(occupancy.frame, demandOf(machine));
  const host = occupancy.frame.hostOf[place] ?? place;
  return fitsIn({ needs, claims: claimCounts(machine), amounts: true, matching: true }, occupancy, host, place);
}

function fitsIn(
  { needs, claims, amounts, matching }: Wanted,
  occupancy: Occupancy,
  host: number,
  place: number,
): boolean {
  const { frame, use, devices } = occupancy;
  const width = frame.resources.length;
  for (let i = 0; i < needs.resources.length && amounts; i++) {
    const resource = needs.resources[i] ?? 0;
    const amount = needs.amounts[i] ?? 0;
    const inHost = host * width + resource;
    if (amount > (frame.capacity[inHost] ?? 0) - (use[inHost] ?? 0)) return false;
    const inPlace = place * width + resource;
    if (place !== host && amount > (frame.capacity[inPlace] ?? 0) - (use[inPlace] ?? 0)) return false;
  }
  return !matching || claims.every(([name, count]) => devices.freeGroups(name, host, host) >= count);
}

function isOverloaded({ view, occupancy, relief, shares }: Ask, host: number): boolean {
  const { frame, loads } = occupancy;
  const { metrics } = view.loads;
  const policies = view.loadPolicies.get(frame.hosts[host] ?? '') ?? [];
  if (relief !== null && !policies.includes(relief)) return true;
  for (const policy of policies) {
    for (const { metric, high, low } of policy.thresholds) {
      const index = metrics.indexOf(metric);
      const full = frame.full[host * metrics.length + index] ?? 1;
      const now = (loads[host * metrics.length + index] ?? NaN) / full;
      if (faultOf({ policy, high, low, now, more: (shares[index] ?? 0) / full }, relief) !== null) return true;
    }
  }
  return false;
}

function claimCounts({ desired }: MachineView): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const claim of desired.claims) counts.set(claim.class, (counts.get(claim.class) ?? 0) + 1);
  return [...counts];
}

function openHosts(
  occupancy: Occupancy,
  machine: MachineView,
  constraints: readonly Constraint[],
): readonly ((host: number) => boolean)[] {
  if (machine.rules.length === 0) return [];
  const teams = constraints.flatMap(({ declares }) => (declares.kind === 'company' ? [declares] : []));
  return teams.flatMap((team: Company) =>
    rulesOf(machine, team.of).map((rule) => {
      const { of } = occupancy.frame.units[rule.topology];
      const isOpen = openUnits(team, rule, occupancy, machine);
      return (host: number) => isOpen(of[host] ?? -1);
    }),
  );
}

/** Hosts that no unary constraint is against, by what these read of the machine. */
const verdicts = new WeakMap<View, Map<string, Uint8Array>>();

/** 1 for each written host that no unary constraint of `constraints` is against. Machines that are read alike share the answer. */
export function allowedHosts(
  view: View,
  frame: Frame,
  machine: MachineView,
  relief: LoadPolicy | null,
  constraints: readonly Constraint[] = CONSTRAINTS,
): Uint8Array {
  const asked = constraints.filter(({ declares }) => declares.kind === 'unary');
  const unary = asked.flatMap(({ declares }) => (declares.kind === 'unary' ? [declares] : []));
  const names = asked.map(({ name }) => name).join();
  const key = `${relief?.name ?? ''} ${names} ${readingOf(view, machine, unary)}`;
  const known = verdicts.get(view) ?? new Map<string, Uint8Array>();
  verdicts.set(view, known);
  const found = known.get(key) ?? verdictOf(view, frame, machine, relief, unary);
  known.set(key, found);
  return found;
}

/** All that unary constraints read of a machine. */
export function readingOf(view: View, machine: MachineView, unary: readonly Unary[]): string {
  return JSON.stringify(unary.map(({ reads }) => reads(machine, view)));
}

/** Whether no unary constraint is against the host on which the machine is. */
function isRight(
  { view, machine, relief }: Seeker,
  { views }: Frame,
  at: number,
  among: readonly Constraint[],
): boolean {
  const host = views[at];
  if (host === undefined) return false;
  const meeting = { view, machine, host, relief, there: true };
  return among.every(({ declares }) => declares.kind !== 'unary' || declares.against(meeting) === null);
}

function verdictOf(
  view: View,
  { views }: Frame,
  machine: MachineView,
  relief: LoadPolicy | null,
  unary: readonly Unary[],
): Uint8Array {
  return Uint8Array.from(views, (host) =>
    unary.every(({ against }) => against({ view, machine, host, relief, there: false }) === null) ? 1 : 0,
  );
}
