import { NO_OBJECTIVES } from '../engine/instance.js';
import type { LoadPolicy } from '../../model/index.js';
import type { Domain, Instance, Objectives } from '../engine/instance.js';
import type { Occupancy } from '../occupancy.js';
import type { MachineView, View } from '../view.js';
import type { Frame } from './frame.js';
import { placeAt } from './frame.js';
import { packedResources } from './packed-resources.js';
import { packedRules } from './packed-rules.js';
import { packedUnary } from './packed-unary.js';
import { DOMAINS, seatsOf } from './seats.js';

/** A cluster as an instance of the engine, and the names behind its numbers. */
export interface Packing {
  readonly instance: Instance;
  /** Machines by number; after them come second holds of machines that move right now, which the instance counts as fixed machines. */
  readonly machines: readonly MachineView[];
  readonly machineAt: ReadonlyMap<string, number>;
  /** Names of the instance's resources: amounts as in `Amounts`, `devices CLASS`, `local CLASS`, `load METRIC`. */
  readonly resources: readonly string[];
  /** Number of a place; a cell that the host does not have stands for the host. */
  readonly placeOf: (host: string, cell: number | null) => number;
  readonly hostAt: (place: number) => { readonly host: string; readonly cell: number | null };
}

export interface PackOptions {
  /** Machines that may go elsewhere; all others are fixed where they are. */
  readonly movable: (machine: MachineView) => boolean;
  /** The load policy for whose sake machines would move: they may go to its hosts only, and as it says. */
  readonly relief: LoadPolicy | null;
  /** What counts against single places, and how much, where anything does. */
  readonly drawbacks?: { readonly strategy: number; readonly waste: number };
  /** What the search shall make small; nothing when absent. */
  readonly objectives?: (
    packed: Omit<Packing, 'instance'> & { readonly instance: Omit<Instance, 'objectives'> },
  ) => Partial<Objectives>;
}

/**
 * Packs a cluster as an occupancy has it: a machine's origin is where it is there (a draft's wishes count as made), -1 when it is
 * nowhere. The instance allows everything that the constraints allow to a machine that moves alone, and little more: devices are counted by
 * class, and only the exact question (`place/search.ts`) finds them. What the instance cannot see at all, such as the host's
 * unmanaged machines, is part of `base`; a machine that moves right now is fixed, and holds both its places.
 */
export function packOf(view: View, occupancy: Occupancy, options: PackOptions): Packing {
  const { frame } = occupancy;
  const machines = [...view.machines.values()];
  const seats = seatsOf(occupancy, machines);
  const { names, ...tables } = packedResources(view, occupancy, machines, seats);
  const isFixed = (machine: MachineView, index: number) =>
    !options.movable(machine) || seats.extra.some((seat) => seat.machine === index);
  const movable = machines.map((machine, index) => !isFixed(machine, index));
  const instance: Omit<Instance, 'objectives'> = {
    hosts: frame.hosts.length,
    places: frame.places,
    machines: machines.length + seats.extra.length,
    resources: names.length,
    hostOf: frame.hostOf,
    origin: Int32Array.from([...seats.first, ...seats.extra.map(({ place }) => place)]),
    fixed: Uint8Array.from([...movable.map((may) => (may ? 0 : 1)), ...seats.extra.map(() => 1)]),
    ...tables,
    transient: new Uint8Array(names.length),
    unary: packedUnary(view, frame, machines, { ...options, movable, extra: seats.extra.length }),
    rules: packedRules(view, occupancy, machines, seats),
    domains: DOMAINS.map((topology) => domainOf(frame, topology)),
  };
  const packed = {
    instance,
    machines,
    machineAt: new Map(machines.map(({ name }, index) => [name, index])),
    resources: names,
    placeOf: (host: string, cell: number | null) => placeAt(frame, frame.hostAt.get(host) ?? -1, cell),
    hostAt: (place: number) => ({
      host: frame.hosts[frame.hostOf[place] ?? -1] ?? '',
      cell: frame.cellOf[place] ?? null,
    }),
  };
  return { ...packed, instance: { ...instance, objectives: { ...NO_OBJECTIVES, ...options.objectives?.(packed) } } };
}

/** Only written hosts are in units, as far as rules are concerned. */
function domainOf(frame: Frame, topology: (typeof DOMAINS)[number]): Domain {
  const { of, written } = frame.units[topology];
  return { of: of.map((unit) => (unit < written ? unit : -1)), count: Math.max(1, written) };
}
