import type { LoadPolicy, Objective } from '../../../model/index.js';
import { estimateMove } from '../../estimate.js';
import type { Instance, Objectives, Part } from '../../engine/instance.js';
import { weightsFor } from '../../objectives.js';
import type { Packing } from '../../pack/packing.js';
import { DOMAINS } from '../../pack/seats.js';
import { transferOf } from '../../strategy.js';
import type { MachineView, View } from '../../view.js';
import type { Draft } from '../draft.js';
import { migrationMinutes } from '../judgement.js';
import type { Field } from './field.js';

/** The parts of an instance's cost that stand for objectives. */
const PARTS_OF: Readonly<Partial<Record<Part, Objective>>> = {
  excess: 'overload',
  deviation: 'imbalance',
  moved: 'migration',
  crossing: 'groupCrossing',
  opened: 'hostsInUse',
};

/** What the engine makes small for a policy: each objective in its unit, times its weight. Machines that move anyhow do so at no cost. */
export function objectivesFor(
  draft: Draft,
  { policy, hosts }: Field,
  packed: Omit<Packing, 'instance'> & { readonly instance: Omit<Instance, 'objectives'> },
): Partial<Objectives> {
  const { view, wishes } = draft;
  const weights = weightsFor(policy);
  const { instance, machines } = packed;
  const at = hosts.map(({ name }) => packed.placeOf(name, null));
  const loads = policy.thresholds.map(({ metric, high }) => {
    const resource = packed.resources.indexOf(`load ${metric}`);
    return { resource, full: hosts.map(({ name }) => view.loads.full(name, metric)), high };
  });
  const soft = new Float64Array(instance.places * instance.resources).fill(Infinity);
  const over = new Float64Array(instance.places * instance.resources);
  const taking = new Uint8Array(instance.hosts);
  at.forEach((host, index) => {
    taking[host] = 1;
    for (const { resource, full, high } of loads) {
      soft[host * instance.resources + resource] = high * (full[index] ?? 1);
      over[host * instance.resources + resource] = weights.overload / (full[index] ?? 1);
    }
  });
  const units = instance.domains[DOMAINS.indexOf('accessGroup')]?.count ?? 0;
  return {
    excess: { soft, weight: over },
    deviation: loads.map(({ resource, full }) => {
      const scale = new Float64Array(instance.hosts);
      at.forEach((host, index) => (scale[host] = 1 / (full[index] ?? 1)));
      const offset = new Float64Array(instance.hosts);
      return { resource, offset, scale, weight: weights.imbalance * hosts.length, hosts: taking };
    }),
    opened: openedBy(draft, weights.hostsInUse, instance.hosts, taking),
    moved: Float64Array.from({ length: instance.machines }, (_, index) => {
      const machine = machines[index];
      return machine === undefined || wishes.has(machine.name) ? 0 : weights.migration * minutesOf(view, machine);
    }),
    crossing: crossingFor(units, weights.groupCrossing),
  };
}

/** host: what it costs to have a machine there; nothing where one is that stays in any case, because nobody has written it. */
function openedBy({ view, final }: Draft, weight: number, hosts: number, taking: Uint8Array): Float64Array | null {
  if (weight === 0) return null;
  const opened = Float64Array.from({ length: hosts }, (_, host) => (taking[host] === 1 ? weight : 0));
  for (const { name } of view.world.machines.filter((machine) => !view.machines.has(machine.name))) {
    for (const { host } of final.holdingsOf(name)) opened[host] = 0;
  }
  return opened;
}

/** What it costs to leave an access group, of which there are so many. */
export function crossingFor(groups: number, weight: number): Objectives['crossing'] {
  const table = Float64Array.from({ length: groups * groups }, (_, index) => (index % (groups + 1) === 0 ? 0 : 1));
  return { domain: DOMAINS.indexOf('accessGroup'), table, weight };
}

/** A difference of costs by part as gains by objective, each in its own unit. */
export function gainsBetween(
  policy: LoadPolicy,
  without: Readonly<Record<Part, number>>,
  now: Readonly<Record<Part, number>>,
): readonly { readonly objective: Objective; readonly gain: number }[] {
  const weights = weightsFor(policy);
  return Object.entries(PARTS_OF).flatMap(([part, objective]) => {
    const change = without[part as Part] - now[part as Part];
    return weights[objective] === 0 ? [] : [{ objective, gain: change / weights[objective] }];
  });
}

/** The part of which `worse` has most more than `better`, as an objective. */
export function mostOf(worse: Readonly<Record<Part, number>>, better: Readonly<Record<Part, number>>): Objective {
  const parts = Object.entries(PARTS_OF) as [Part, Objective][];
  const [first] = parts.toSorted(([a], [b]) => worse[b] - better[b] - (worse[a] - better[a]));
  return first?.[1] ?? 'imbalance';
}

/** Least cost of moving a machine, in minutes: over a link as wide as its own host has. */
export function minutesOf(view: View, machine: MachineView): number {
  const host = machine.running?.host ?? '';
  const estimate = estimateMove(machine.desired.strategies[0] ?? 'cold', transferOf(view, machine, host, host));
  return machine.running === null ? 0 : migrationMinutes(machine, { estimate });
}
