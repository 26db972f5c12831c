import type { Bdf, Metric } from '../model/index.js';
import { isClaimed } from '../model/index.js';
import type { Amounts, Demand } from './resources.js';
import { add, amountsOf } from './resources.js';
import type { Placement } from './placement.js';
import { demandOf, demandOfCopy, groupOf, placementOf } from './placement.js';
import type { MachineView, View } from './view.js';
import { isInFlight } from './view.js';

interface Holding {
  readonly placement: Placement;
  readonly amounts: Amounts;
}

/**
 * Who holds what: the working state of a search. It starts as the world is (a machine that moves right now holds both its hosts)
 * and is changed by `put` and `lift`; nothing outside of one call of the planner sees it.
 */
export class Occupancy {
  readonly #view: View;
  readonly #holdings = new Map<string, readonly Holding[]>();
  readonly #used = new Map<string, Map<string, number>>();
  /** Who has a device, by host: two machines when they own members of one IOMMU group. */
  readonly #owners = new Map<string, Map<Bdf, readonly string[]>>();
  readonly #loads = new Map<string, number>();

  private constructor(view: View) {
    this.#view = view;
  }

  /** The world as it is. */
  static of(view: View): Occupancy {
    const start = new Occupancy(view);
    start.#takeCopies();
    start.#takeReservations();
    start.#takeLoads();
    return start;
  }

  copy(): Occupancy {
    const copy = new Occupancy(this.#view);
    for (const [machine, holdings] of this.#holdings) copy.#holdings.set(machine, holdings);
    for (const [host, amounts] of this.#used) copy.#used.set(host, new Map(amounts));
    for (const [host, owners] of this.#owners) copy.#owners.set(host, new Map(owners));
    for (const [key, load] of this.#loads) copy.#loads.set(key, load);
    return copy;
  }

  used(host: string): Amounts {
    return this.#used.get(host) ?? new Map<string, number>();
  }

  /** Name of the machine (or dummy) that has the device; null when it is free. */
  owner(host: string, device: Bdf): string | null {
    return this.#owners.get(host)?.get(device)?.[0] ?? null;
  }

  /** Hosts on which the machine counts. */
  hostsOf(machine: string): readonly string[] {
    return (this.#holdings.get(machine) ?? []).map(({ placement }) => placement.host);
  }

  /** What the machine takes of a host; null when it is not there. */
  amountsAt(machine: string, host: string): Amounts | null {
    return this.#holdings.get(machine)?.find(({ placement }) => placement.host === host)?.amounts ?? null;
  }

  /** Projected load of the host, null when it is not known. */
  load(host: string, metric: Metric): number | null {
    const absolute = this.#loads.get(`${host} ${metric}`);
    return absolute === undefined ? null : absolute / this.#view.loads.full(host, metric);
  }

  /** The machine comes to a place; it keeps every other place that it has. */
  put(machine: MachineView, placement: Placement): void {
    this.#hold(machine.name, placement, demandOf(machine));
    this.#shift(machine.name, placement.host, 1);
  }

  /** The machine leaves a host with all that it has there. */
  lift(machine: string, host: string): void {
    const holdings = this.#holdings.get(machine) ?? [];
    for (const holding of holdings.filter(({ placement }) => placement.host === host)) {
      const used = this.#usedOf(host);
      for (const [name, amount] of holding.amounts) add(used, name, -amount);
      for (const device of holding.placement.devices.flatMap(({ group }) => group)) this.#disown(host, device, machine);
      this.#shift(machine, host, -1);
    }
    this.#holdings.set(
      machine,
      holdings.filter(({ placement }) => placement.host !== host),
    );
  }

  #hold(machine: string, placement: Placement, demand: Demand): void {
    const amounts = amountsOf(demand, placement.cell);
    this.#holdings.set(machine, [...(this.#holdings.get(machine) ?? []), { placement, amounts }]);
    const used = this.#usedOf(placement.host);
    for (const [name, amount] of amounts) add(used, name, amount);
    for (const device of placement.devices.flatMap(({ group }) => group)) this.#own(placement.host, device, machine);
  }

  #own(host: string, device: Bdf, owner: string): void {
    const owners = this.#owners.get(host) ?? new Map<Bdf, readonly string[]>();
    this.#owners.set(host, owners);
    const before = owners.get(device) ?? [];
    if (!before.includes(owner)) owners.set(device, [...before, owner]);
  }

  #disown(host: string, device: Bdf, owner: string): void {
    const owners = this.#owners.get(host);
    const left = owners?.get(device)?.filter((other) => other !== owner) ?? [];
    if (left.length > 0) owners?.set(device, left);
    else owners?.delete(device);
  }

  #shift(machine: string, host: string, sign: 1 | -1): void {
    for (const metric of this.#view.loads.metrics) {
      const key = `${host} ${metric}`;
      const before = this.#loads.get(key);
      if (before !== undefined) this.#loads.set(key, before + sign * (this.#view.loads.share(machine, metric) ?? 0));
    }
  }

  #usedOf(host: string): Map<string, number> {
    const found = this.#used.get(host) ?? new Map<string, number>();
    this.#used.set(host, found);
    return found;
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
    for (const dummy of this.#view.world.dummies) {
      for (const device of dummy.devices) this.#own(dummy.host, device, dummy.name);
    }
    for (const entry of this.#view.world.reservations.filter(isClaimed)) {
      for (const device of groupOf(entry.device, this.#view.hosts.get(entry.host) ?? null)) {
        if (this.owner(entry.host, device) === null) this.#own(entry.host, device, entry.machine);
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
    for (const host of this.#view.hosts.keys()) {
      for (const metric of this.#view.loads.metrics) {
        const ratio = this.#view.loads.ratio(host, metric);
        if (ratio !== null) this.#loads.set(`${host} ${metric}`, ratio * this.#view.loads.full(host, metric));
      }
    }
    for (const machine of this.#view.machines.values()) {
      if (machine.running === null || !isInFlight(machine)) continue;
      const source = machine.running.host;
      const target = this.hostsOf(machine.name).find((host) => host !== source);
      if (target === undefined) continue;
      this.#shift(machine.name, source, -1);
      this.#shift(machine.name, target, 1);
    }
  }
}
