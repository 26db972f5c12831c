import type { Instance } from '../instance.js';
import { Company } from './company.js';
import { Gaps } from './gaps.js';

/** Rounding of sums of demands. */
const SLACK = 1e-9;

/**
 * Who holds what while moves run. A machine under way holds its demand at both ends. An arrival that is promised but has not begun
 * keeps others from its room; a departure that is certain to end lets later promises count on the room it will leave.
 */
export class Room {
  readonly company: Company;
  /** By what is free beside all who are there and all who were promised room. */
  readonly gaps: Gaps;
  readonly #instance: Instance;
  readonly #held: Float64Array;
  readonly #promised: Float64Array;
  readonly #leaving: Float64Array;
  /** Per resource one over the mean finite capacity of hosts: what makes amounts of different resources comparable. */
  readonly #scale: Float64Array;

  constructor(instance: Instance, target: Int32Array) {
    const { hosts, places, resources, capacity, base, origin } = instance;
    this.#instance = instance;
    this.#held = base.slice();
    this.#promised = new Float64Array(places * resources);
    this.#leaving = new Float64Array(places * resources);
    this.#scale = new Float64Array(resources);
    for (let r = 0; r < resources; r++) {
      let sum = 0;
      let finite = 0;
      for (let host = 0; host < hosts; host++) {
        const most = capacity[host * resources + r] ?? Infinity;
        if (most === Infinity) continue;
        sum += most;
        finite += 1;
      }
      this.#scale[r] = sum > 0 ? finite / sum : 0;
    }
    this.gaps = new Gaps(instance);
    origin.forEach((place, machine) => this.#add(this.#held, machine, place, 1));
    for (let place = 0; place < places; place++) this.#gap(place);
    this.company = new Company(instance, target);
  }

  /** Size of a machine against a mean host: its greatest demand, and the resource that it is of. */
  sizeOf(machine: number): { readonly size: number; readonly resource: number } {
    const { resources, demand } = this.#instance;
    let size = 0;
    let resource = 0;
    for (let r = 0; r < resources; r++) {
      const share = (demand[machine * resources + r] ?? 0) * (this.#scale[r] ?? 0);
      if (share <= size) continue;
      size = share;
      resource = r;
    }
    return { size, resource };
  }

  /** True when the machine may be put there at all. */
  isAllowed(machine: number, place: number): boolean {
    const { unary, places } = this.#instance;
    return unary === null || unary.cost[(unary.classOf[machine] ?? 0) * places + place] !== Infinity;
  }

  /** There is room beside all who are there and all who were promised room. */
  fitsNow(machine: number, place: number): boolean {
    return this.#fits(machine, place, 1, 0);
  }

  /** There will be room when certain departures have ended. */
  fitsSoon(machine: number, place: number): boolean {
    return this.#fits(machine, place, 1, 1);
  }

  /** There is room beside all who are there, whoever was promised it. */
  fitsBare(machine: number, place: number): boolean {
    return this.#fits(machine, place, 0, 0);
  }

  /** Room left on a place when the machine has come, comparable between resources; less is a closer fit. */
  leftover(machine: number, place: number): number {
    const { resources, demand, capacity } = this.#instance;
    let left = 0;
    for (let r = 0; r < resources; r++) {
      const at = place * resources + r;
      const most = capacity[at] ?? Infinity;
      if (most === Infinity) continue;
      const free = most - (this.#held[at] ?? 0) - (this.#promised[at] ?? 0) + (this.#leaving[at] ?? 0);
      left += (free - (demand[machine * resources + r] ?? 0)) * (this.#scale[r] ?? 0);
    }
    return left;
  }

  /** The resource that is short for the machine at the place (cell or host), with the amount missing; null when it fits now. */
  shortage(
    machine: number,
    place: number,
  ): { readonly place: number; readonly resource: number; readonly missing: number } | null {
    const { resources, demand, capacity, hostOf } = this.#instance;
    for (const level of new Set([place, hostOf[place] ?? place])) {
      for (let r = 0; r < resources; r++) {
        const at = level * resources + r;
        const most = capacity[at] ?? Infinity;
        const wanted = demand[machine * resources + r] ?? 0;
        const missing = (this.#held[at] ?? 0) + wanted - most;
        if (wanted > 0 && missing > SLACK * Math.abs(most)) return { place: level, resource: r, missing };
      }
    }
    return null;
  }

  promise(machine: number, place: number, sign: 1 | -1): void {
    this.#add(this.#promised, machine, place, sign);
    this.#gapsAt(place);
  }

  hold(machine: number, place: number, sign: 1 | -1): void {
    this.#add(this.#held, machine, place, sign);
    this.#gapsAt(place);
  }

  leave(machine: number, place: number, sign: 1 | -1): void {
    this.#add(this.#leaving, machine, place, sign);
  }

  #gapsAt(place: number): void {
    if (place < 0) return;
    this.#gap(place);
    const host = this.#instance.hostOf[place] ?? place;
    if (host !== place) this.#gap(host);
  }

  #gap(place: number): void {
    const { resources, capacity } = this.#instance;
    for (let r = 0; r < resources; r++) {
      const at = place * resources + r;
      const most = capacity[at] ?? Infinity;
      const free = most - (this.#held[at] ?? 0) - (this.#promised[at] ?? 0);
      this.gaps.set(r, place, most === Infinity ? Infinity : free * (this.#scale[r] ?? 0));
    }
  }

  #fits(machine: number, place: number, promised: number, leaving: number): boolean {
    if (place < 0) return true;
    if (!this.#fitsLevel(machine, place, promised, leaving)) return false;
    const host = this.#instance.hostOf[place] ?? place;
    return host === place || this.#fitsLevel(machine, host, promised, leaving);
  }

  #fitsLevel(machine: number, level: number, promised: number, leaving: number): boolean {
    const { resources, demand, capacity } = this.#instance;
    for (let r = 0; r < resources; r++) {
      const wanted = demand[machine * resources + r] ?? 0;
      if (wanted === 0) continue;
      const at = level * resources + r;
      const most = capacity[at] ?? Infinity;
      const taken =
        (this.#held[at] ?? 0) + promised * (this.#promised[at] ?? 0) - leaving * (this.#leaving[at] ?? 0) + wanted;
      if (taken > most + SLACK * Math.abs(most)) return false;
    }
    return true;
  }

  #add(table: Float64Array, machine: number, place: number, sign: number): void {
    if (place < 0) return;
    const { resources, demand, hostOf } = this.#instance;
    const host = hostOf[place] ?? place;
    for (let r = 0; r < resources; r++) {
      const amount = sign * (demand[machine * resources + r] ?? 0);
      table[place * resources + r] = (table[place * resources + r] ?? 0) + amount;
      if (host !== place) table[host * resources + r] = (table[host * resources + r] ?? 0) + amount;
    }
  }
}
