import type { Random } from '../random.js';
import type { State } from '../state.js';
import type { Best } from './best.js';
import type { Budget } from './budget.js';
import type { Sampler } from './sampler.js';

/** Machines that may be put out for one, at most. */
const MOST_OUT = 30;
/** How often the machine is a large one. */
const LARGE = 0.5;
/** Places that are drawn for the machine until one could hold it if it were empty. */
const DRAWS = 8;
/** Places that are drawn for each machine that was put out. */
const TRIED = 6;

/**
 * One machine for several: a machine goes to a place that is full, and those that are in its way go where it came from, home, or to some
 * places drawn at random. Shifts and swaps never move a machine that needs most of a host; this does (ejection as in the "big process
 * rearrangement" of Gavranović and Buljubašić 2016, Annals of Operations Research 242, as one step of an annealing).
 */
export class Exchange {
  private readonly moved = new Int32Array(2 * MOST_OUT + 2);
  private readonly from = new Int32Array(2 * MOST_OUT + 2);
  private made = 0;
  private readonly out = new Int32Array(MOST_OUT);
  private readonly lack: Float64Array;
  private readonly rank: Float64Array;
  private readonly whole: Float64Array;

  constructor(
    private readonly state: State,
    private readonly random: Random,
    private readonly budget: Budget,
    private readonly sampler: Sampler,
  ) {
    const { resources, machines } = state.instance;
    this.lack = new Float64Array(resources);
    this.rank = new Float64Array(machines);
    this.whole = Float64Array.from({ length: machines }, (_, machine) => sampler.rankOf(machine));
  }

  /** Tries one; it is kept when its cost and `price` for each machine more away from home are within `bound`. Tells whether it was. */
  attempt(bound: number, price: number, best: Best): boolean {
    const { state, random, sampler } = this;
    const machine = random.fraction() < LARGE ? sampler.large(random) : sampler.any(random);
    const here = state.place[machine] ?? -1;
    const there = this.target(machine, here);
    if (here < 0 || there < 0) return false;
    const [cost, moves] = [state.cost, state.moves];
    this.made = 0;
    this.put(machine, -1);
    const count = this.choose(machine, there);
    let done = count >= 0 && this.rearrange(machine, here, there, count);
    done &&= state.cost - cost + price * (state.moves - moves) <= bound;
    if (done) for (let i = 0; i < this.made; i++) done &&= this.isSound(i);
    if (!done) {
      this.undo();
      state.cost = cost;
      return false;
    }
    for (let i = 0; i < this.made; i++) best.note(this.moved[i] ?? 0);
    return true;
  }

  /** A place that could hold the machine if nobody else were there; -1: none was drawn. */
  private target(machine: number, here: number): number {
    const { places, resources, demand, capacity, base } = this.state.instance;
    for (let draw = 0; draw < DRAWS; draw++) {
      const place = this.random.below(places);
      if (place === here) continue;
      let fits = true;
      for (let r = 0; r < resources && fits; r++) {
        const at = place * resources + r;
        fits = (demand[machine * resources + r] ?? 0) + (base[at] ?? 0) <= (capacity[at] ?? 0);
      }
      if (fits) return place;
    }
    return -1;
  }

  /** Chooses who must leave the place for the machine, by chance, rather those that give much of what is lacking; -1: no few are enough. */
  private choose(machine: number, place: number): number {
    const { state, random, lack, rank, out } = this;
    const { demand, resources, fixed, origin, transient } = state.instance;
    if (!state.load.lack(place, machine, lack)) return 0;
    const residents = state.residents[place] ?? [];
    const gives = (one: number, r: number) =>
      origin[one] === place && transient[r] === 1 ? 0 : (demand[one * resources + r] ?? 0);
    for (const one of residents) {
      let worth = 0;
      for (let r = 0; r < resources; r++) {
        const short = lack[r] ?? 0;
        if (short > 0) worth += Math.min(1, gives(one, r) / short);
      }
      // The least of exponential waiting times: drawn in proportion to the worth, without putting back.
      rank[one] = worth > 0 && fixed[one] !== 1 ? -Math.log(1 - random.fraction()) / worth : Infinity;
    }
    this.budget.evaluations += 1 + (residents.length >> 4);
    for (let count = 0; count < MOST_OUT;) {
      let next = -1;
      for (const one of residents) if ((rank[one] ?? 0) < (next < 0 ? Infinity : (rank[next] ?? 0))) next = one;
      if (next < 0) return -1;
      rank[next] = Infinity;
      let [helps, left] = [false, false];
      for (let r = 0; r < resources; r++) if ((lack[r] ?? 0) > 0 && gives(next, r) > 0) helps = true;
      if (!helps) continue;
      out[count++] = next;
      for (let r = 0; r < resources; r++) {
        const rest = Math.max(0, (lack[r] ?? 0) - gives(next, r));
        lack[r] = rest;
        if (rest > 0) left = true;
      }
      if (!left) return count;
    }
    return -1;
  }

  private rearrange(machine: number, here: number, there: number, count: number): boolean {
    const { state, out, whole } = this;
    for (let i = 0; i < count; i++) this.put(out[i] ?? 0, -1);
    if (!(state.shiftDelta(machine, there) < Infinity)) return false;
    this.put(machine, there);
    // Large ones first; few enough for an insertion sort.
    for (let i = 1; i < count; i++) {
      const one = out[i] ?? 0;
      let at = i;
      for (; at > 0 && (whole[out[at - 1] ?? 0] ?? 0) < (whole[one] ?? 0); at--) out[at] = out[at - 1] ?? 0;
      out[at] = one;
    }
    for (let i = 0; i < count; i++) {
      const place = this.placeFor(out[i] ?? 0, here, there);
      if (place < 0) return false;
      this.put(out[i] ?? 0, place);
    }
    return true;
  }

  /** Where a machine that was put out costs least among a few places; any place that admits it when none of those does; -1: none does. */
  private placeFor(machine: number, first: number, second: number): number {
    const { state, random, budget } = this;
    const { places, origin } = state.instance;
    const leaving = state.leaveDelta(machine);
    let best = Infinity;
    let found = -1;
    for (let i = 0; i < TRIED + 3; i++) {
      const place = i === 0 ? first : i === 1 ? second : i === 2 ? (origin[machine] ?? -1) : random.below(places);
      if (place < 0) continue;
      const delta = state.enterDelta(machine, place, leaving, best);
      if (delta < best) [best, found] = [delta, place];
    }
    budget.evaluations += TRIED + 3;
    const start = random.below(places);
    for (let i = 0; i < places && found < 0; i++) {
      const place = start + i < places ? start + i : start + i - places;
      budget.evaluations++;
      if (state.enterDelta(machine, place, leaving, Infinity) < Infinity) found = place;
    }
    return found;
  }

  /** Whether rules about the machine of a step hold; those who were put out stand in two steps, of which the first one tells. */
  private isSound(step: number): boolean {
    const from = this.from[step] ?? -1;
    return from < 0 || this.state.sound(this.moved[step] ?? 0, from);
  }

  private put(machine: number, to: number): void {
    this.moved[this.made] = machine;
    this.from[this.made] = this.state.place[machine] ?? -1;
    this.made++;
    this.state.shift(machine, to);
  }

  private undo(): void {
    while (this.made > 0) {
      this.made--;
      this.state.shift(this.moved[this.made] ?? 0, this.from[this.made] ?? -1);
    }
  }
}
