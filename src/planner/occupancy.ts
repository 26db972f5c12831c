import type { Bdf, Metric, PlacementRule, Topology } from '../model/index.js';
import { isClaimed } from '../model/index.js';
import type { Frame, Needs } from './pack/frame.js';
import { frameOf, needsOf, placeAt } from './pack/frame.js';
import { DeviceBook } from './pack/device-book.js';
import type { Amounts, Demand } from './resources.js';
import { amountsOf, inCell } from './resources.js';
import type { Placement } from './placement.js';
import { demandOf, demandOfCopy, groupOf, placementOf } from './placement.js';
import type { MachineView, View } from './view.js';
import { isInFlight } from './view.js';

/** One place that a machine has. */
interface Holding {
  readonly placement: Placement;
  readonly demand: Demand;
  readonly host: number;
  readonly place: number;
  readonly needs: Needs;
}

/** A rule about machines in company, counted in units of a topology. */
type Team = Pick<PlacementRule, 'machines'> & { readonly topology: Topology };

const NOBODY: readonly Holding[] = [];

/** The world as it is, found once a view; never handed out, copies are. */
const starts = new WeakMap<View, Occupancy>();

/**
 * Who holds what: the working state of a search. It starts as the world is (a machine that moves right now holds both its hosts)
 * and is changed by `put` and `lift`; nothing outside of one call of the planner sees it. Amounts, loads and counts lie in arrays by
 * the numbers of the view's frame; questions and answers speak of hosts and machines by name.
 */
export class Occupancy {
  readonly frame: Frame;
  /** place × resource. */
  readonly use: Float64Array;
  /** host × metric, in the unit of the machines' samples; NaN: not known. */
  readonly loads: Float64Array;
  readonly devices: DeviceBook;
  readonly #view: View;
  readonly #holdings: Map<string, readonly Holding[]>;
  readonly #teams: Map<Team, Int32Array>;
  /** Amounts by name, for hosts that were asked for since they changed. */
  readonly #told = new Map<number, Amounts>();

  private constructor(view: View, like: Occupancy | null) {
    this.#view = view;
    this.frame = like?.frame ?? frameOf(view);
    const { hosts, places, resources } = this.frame;
    this.use = like?.use.slice() ?? new Float64Array(places * resources.length);
    this.loads = like?.loads.slice() ?? new Float64Array(hosts.length * view.loads.metrics.length).fill(NaN);
    this.devices = like?.devices.copy() ?? new DeviceBook(view, this.frame);
    this.#holdings = like === null ? new Map<string, readonly Holding[]>() : new Map(like.#holdings);
    this.#teams = new Map();
  }

  /** The world as it is. */
  static of(view: View): Occupancy {
    const known = starts.get(view) ?? Occupancy.#start(view);
    starts.set(view, known);
    return known.copy();
  }

  static #start(view: View): Occupancy {
    const start = new Occupancy(view, null);
    start.#takeCopies();
    start.#takeReservations();
    start.#takeLoads();
    return start;
  }

  copy(): Occupancy {
    const copy = new Occupancy(this.#view, this);
    for (const [team, counts] of this.#teams) copy.#teams.set(team, counts.slice());
    return copy;
  }

  /** What is used of a host, by name of amount. */
  used(host: string): Amounts {
    const index = this.frame.hostAt.get(host);
    if (index === undefined) return new Map();
    const told = this.#told.get(index) ?? this.#tell(index);
    this.#told.set(index, told);
    return told;
  }

  /** Name of the machine (or dummy) that has the device; null when it is free. */
  owner(host: string, device: Bdf): string | null {
    return this.devices.owner(this.frame.hostAt.get(host) ?? -1, device);
  }

  /** Hosts on which the machine counts. */
  hostsOf(machine: string): readonly string[] {
    return this.holdingsOf(machine).map(({ placement }) => placement.host);
  }

  /** All places that the machine has; more than one while it moves. */
  holdingsOf(machine: string): readonly Holding[] {
    return this.#holdings.get(machine) ?? NOBODY;
  }

  /** What the machine takes of a host; null when it is not there. */
  amountsAt(machine: string, host: string): Amounts | null {
    const found = this.#holdings.get(machine)?.find(({ placement }) => placement.host === host);
    return found === undefined ? null : amountsOf(found.demand, found.placement.cell);
  }

  /** Projected load of the host, null when it is not known. */
  load(host: string, metric: Metric): number | null {
    const { metrics } = this.#view.loads;
    const at = (this.frame.hostAt.get(host) ?? -1) * metrics.length + metrics.indexOf(metric);
    const absolute = metrics.includes(metric) ? (this.loads[at] ?? NaN) : NaN;
    return Number.isNaN(absolute) ? null : absolute / (this.frame.full[at] ?? 1);
  }

  /** Members of the rule in each unit of its topology; one that moves counts in both of its units. */
  countsOf(rule: Team): Int32Array {
    const known = this.#teams.get(rule);
    if (known !== undefined) return known;
    const counts = new Int32Array(this.frame.units[rule.topology].names.length);
    for (const machine of rule.machines) {
      for (const unit of this.unitsOf(machine, rule.topology)) counts[unit] = (counts[unit] ?? 0) + 1;
    }
    this.#teams.set(rule, counts);
    return counts;
  }

  /** Units of a topology in which the machine counts, each once. */
  unitsOf(machine: string, topology: Topology): readonly number[] {
    const { of } = this.frame.units[topology];
    const holdings = this.holdingsOf(machine);
    if (holdings.length > 1) return [...new Set(holdings.map(({ host }) => of[host] ?? -1))];
    const only = holdings[0];
    return only === undefined ? [] : [of[only.host] ?? -1];
  }

  /** The machine comes to a place; it keeps every other place that it has. */
  put(machine: MachineView, placement: Placement): void {
    this.#hold(machine.name, placement, demandOf(machine));
    this.#shift(machine.name, this.frame.hostAt.get(placement.host) ?? -1, 1);
  }

  /** The machine leaves a host with all that it has there. */
  lift(machine: string, host: string): void {
    const holdings = this.holdingsOf(machine);
    const leaving = holdings.filter(({ placement }) => placement.host === host);
    if (leaving.length === 0) return;
    this.#count(machine, -1);
    for (const holding of leaving) {
      this.#take(holding, -1);
      for (const { group } of holding.placement.devices) this.devices.disown(holding.host, group, machine);
      this.#shift(machine, holding.host, -1);
    }
    this.#holdings.set(
      machine,
      holdings.filter((holding) => !leaving.includes(holding)),
    );
    this.#count(machine, 1);
  }

  #hold(machine: string, placement: Placement, demand: Demand): void {
    const host = this.frame.hostAt.get(placement.host) ?? -1;
    const place = placeAt(this.frame, host, placement.cell);
    const holding = { placement, demand, host, place, needs: needsOf(this.frame, demand) };
    this.#count(machine, -1);
    this.#holdings.set(machine, [...this.holdingsOf(machine), holding]);
    this.#count(machine, 1);
    this.#take(holding, 1);
    for (const { group } of placement.devices) this.devices.own(host, group, machine);
  }

  #take({ host, place, needs }: Holding, sign: 1 | -1): void {
    const width = this.frame.resources.length;
    needs.resources.forEach((resource, index) => {
      const amount = sign * (needs.amounts[index] ?? 0);
      this.use[host * width + resource] = (this.use[host * width + resource] ?? 0) + amount;
      if (place !== host) this.use[place * width + resource] = (this.use[place * width + resource] ?? 0) + amount;
    });
    this.#told.delete(host);
  }

  /** Adds the machine's units to what was counted of its rules, or takes them away. */
  #count(machine: string, sign: 1 | -1): void {
    if (this.#teams.size === 0) return;
    for (const rule of this.#view.machines.get(machine)?.rules ?? []) {
      const counts = 'topology' in rule ? this.#teams.get(rule) : undefined;
      if (counts === undefined || !('topology' in rule)) continue;
      for (const unit of this.unitsOf(machine, rule.topology)) counts[unit] = (counts[unit] ?? 0) + sign;
    }
  }

  #shift(machine: string, host: number, sign: 1 | -1): void {
    const { metrics } = this.#view.loads;
    metrics.forEach((metric, index) => {
      const at = host * metrics.length + index;
      const before = this.loads[at];
      if (before !== undefined) this.loads[at] = before + sign * (this.#view.loads.share(machine, metric) ?? 0);
    });
  }

  #tell(host: number): Amounts {
    const { resources, cells } = this.frame;
    const told = new Map<string, number>();
    resources.forEach((name, index) => {
      told.set(name, this.use[host * resources.length + index] ?? 0);
      for (const [cell, place] of cells[host] ?? []) {
        told.set(inCell(cell, name), this.use[place * resources.length + index] ?? 0);
      }
    });
    return told;
  }

  #takeCopies(): void {
    for (const copy of this.#view.world.machines) {
      if (copy.state === 'stopped') continue;
      const machine = this.#view.machines.get(copy.name);
      this.#hold(copy.name, placementOf(copy, this.#view.hosts.get(copy.host) ?? null), demandOfCopy(copy, machine));
    }
  }

  /** A device that the ledger or a dummy has is not free, whoever uses it; a move under way holds its target. */
  #takeReservations(): void {
    const { hostAt } = this.frame;
    for (const dummy of this.#view.world.dummies) {
      this.devices.own(hostAt.get(dummy.host) ?? -1, dummy.devices, dummy.name);
    }
    for (const entry of this.#view.world.reservations.filter(isClaimed)) {
      const host = hostAt.get(entry.host) ?? -1;
      for (const device of groupOf(entry.device, this.#view.hosts.get(entry.host) ?? null)) {
        if (this.devices.owner(host, device) === null) this.devices.own(host, [device], entry.machine);
      }
    }
    for (const machine of this.#view.machines.values()) {
      for (const host of new Set(machine.open.map((entry) => entry.host))) {
        if (this.hostsOf(machine.name).includes(host)) continue;
        this.#hold(machine.name, { host, cell: null, devices: [] }, demandOf(machine));
      }
    }
  }

  /** Loads as sampled, as they will be when the moves under way have ended. */
  #takeLoads(): void {
    const { loads } = this.#view;
    const { metrics } = loads;
    this.frame.hosts.slice(0, this.frame.written).forEach((host, index) => {
      metrics.forEach((metric, m) => {
        const at = index * metrics.length + m;
        this.loads[at] = (loads.ratio(host, metric) ?? NaN) * (this.frame.full[at] ?? 0);
      });
    });
    for (const machine of this.#view.machines.values()) {
      if (machine.running === null || !isInFlight(machine)) continue;
      const source = machine.running.host;
      const target = this.hostsOf(machine.name).find((host) => host !== source);
      if (target === undefined) continue;
      this.#shift(machine.name, this.frame.hostAt.get(source) ?? -1, -1);
      this.#shift(machine.name, this.frame.hostAt.get(target) ?? -1, 1);
    }
  }
}
