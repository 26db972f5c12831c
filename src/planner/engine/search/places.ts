import { domainAt } from '../company.js';
import type { State } from '../state.js';

/** Places, as those who look for one see them: by class, by unit, by what is free there. */
export class Places {
  private readonly allowed = new Map<number, Int32Array>();
  private readonly units = new Map<number, readonly (readonly number[])[]>();
  /** resource: what a place has of it on average. */
  private readonly mean: Float64Array;

  constructor(private readonly state: State) {
    const { places, resources, capacity } = state.instance;
    this.mean = new Float64Array(resources);
    for (let at = 0; at < capacity.length; at++) {
      const amount = capacity[at] ?? 0;
      if (amount < Infinity) this.mean[at % resources] = (this.mean[at % resources] ?? 0) + amount / places;
    }
  }

  /** Places that the machine's class allows. */
  placesFor(machine: number): Int32Array {
    const { unary, places } = this.state.instance;
    const own = unary === null ? -1 : (unary.classOf[machine] ?? 0);
    const known = this.allowed.get(own);
    if (known !== undefined) return known;
    const list = Int32Array.from({ length: places }, (_, place) => place).filter(
      (place) => unary === null || (unary.cost[own * places + place] ?? 0) < Infinity,
    );
    this.allowed.set(own, list);
    return list;
  }

  /** Places of each unit of a domain. */
  unitsOf(domain: number): readonly (readonly number[])[] {
    const known = this.units.get(domain);
    if (known !== undefined) return known;
    const { of, count } = domainAt(this.state.instance, domain);
    const places = Array.from({ length: count }, (): number[] => []);
    of.forEach((unit, place) => places[unit]?.push(place));
    this.units.set(domain, places);
    return places;
  }

  /** Whether what is free in the places together is enough. */
  hasRoom(places: readonly number[], need: Float64Array): boolean {
    const { capacity } = this.state.instance;
    const { length } = need;
    return need.every((amount, r) => {
      if (amount === 0) return true;
      let room = 0;
      for (const place of places) {
        room += Math.max(0, (capacity[place * length + r] ?? 0) - this.state.load.useOf(place, r));
      }
      return amount <= room + 1e-9 * Math.max(1, amount);
    });
  }

  /** How much is free in a place, in average capacities of a place: the least of it fits best. */
  roomAt(place: number): number {
    const { resources, capacity } = this.state.instance;
    let room = 0;
    for (let r = 0; r < resources; r++) {
      const [most, mean] = [capacity[place * resources + r] ?? 0, this.mean[r] ?? 0];
      if (mean > 0 && most < Infinity) room += (most - this.state.load.useOf(place, r)) / mean;
    }
    return room;
  }

  bySize(machines: readonly number[]): readonly number[] {
    const { resources, demand } = this.state.instance;
    const size = (machine: number) => {
      let most = 0;
      for (let r = 0; r < resources; r++) {
        const mean = this.mean[r] ?? 0;
        if (mean > 0) most = Math.max(most, (demand[machine * resources + r] ?? 0) / mean);
      }
      return most;
    };
    return machines
      .map((machine) => ({ machine, size: size(machine) }))
      .sort((a, b) => b.size - a.size || a.machine - b.machine)
      .map(({ machine }) => machine);
  }
}
