import { byMachine, domainAt } from '../company.js';
import type { Random } from '../random.js';
import type { State } from '../state.js';
import type { Budget } from './budget.js';
import { priceOf } from './clear.js';
import { cover } from './cover.js';
import { Places } from './places.js';
import { Ties } from './ties.js';

/** Places that are tried for one machine before all are. */
const SAMPLE = 40;
/** Places that are looked at to force a machine into. */
const FORCED = 32;
/** Units that are drawn for a group that belongs together, before all are tried. */
const UNITS = 24;
/** What each time that a machine was thrown out adds to the price of throwing it out again. */
const WEARY = 0.4;
/** Times that a machine was thrown out after which it may look for another place together with those that it must be with. */
const RESTLESS = 2;

/** Puts machines that are nowhere into places, alone, in groups that belong together, or by force. */
export class Inserter {
  /** Machines put somewhere by the last `insertAll`: those asked for, and others of their groups. */
  readonly placed: number[] = [];
  /** Share of the places that is passed over, so that repeated tries go different ways (Christiaens and Vanden Berghe 2020: blinks). */
  blinks = 0;
  readonly ties: Ties;
  private readonly thrown: Float64Array;
  private readonly homeFirst: Int32Array;
  private readonly homeOf: Int32Array;
  private readonly places: Places;

  constructor(
    private readonly state: State,
    private readonly random: Random,
    private readonly budget: Budget,
  ) {
    const { instance } = state;
    const { machines, places, origin } = instance;
    this.thrown = new Float64Array(machines);
    this.ties = new Ties(state);
    // Machines by their home: the places take the role of machines.
    const homes = Array.from({ length: machines }, (_, machine) => Int32Array.of(origin[machine] ?? -1));
    const byHome = byMachine(
      places,
      homes.map((home) => ((home[0] ?? -1) >= 0 ? home : new Int32Array(0))),
    );
    this.homeFirst = byHome.first;
    this.homeOf = byHome.items;
    this.places = new Places(state);
  }

  /** Machines whose home is the place and which are elsewhere. */
  awayFrom(place: number): readonly number[] {
    const own = this.homeOf.subarray(this.homeFirst[place] ?? 0, this.homeFirst[place + 1] ?? 0);
    return [...own].filter((machine) => this.state.place[machine] !== place && (this.state.place[machine] ?? -1) >= 0);
  }

  /** Puts machines somewhere, the largest first unless `avoid` names a place that is to stay empty; answers with those left over. */
  insertAll(machines: readonly number[], avoid = -1): readonly number[] {
    return this.insertInOrder(machines.length > 12 ? this.places.bySize(machines) : machines, avoid);
  }

  /** Puts machines somewhere in the order given; answers with those left over. */
  insertInOrder(order: readonly number[], avoid = -1): readonly number[] {
    this.placed.length = 0;
    return order.filter((machine) => this.state.place[machine] === -1 && !this.insert(machine, avoid));
  }

  /** Puts a machine where it costs least among some places; where they do not admit it, among all. */
  private insert(machine: number, avoid: number): boolean {
    const { state, random } = this;
    if (state.instance.fixed[machine] === 1) return this.insertAt(machine, state.instance.origin[machine] ?? -1);
    const group = this.ties.groupOf(machine);
    if (group !== null) return this.insertGroup(group.members, group.domain);
    const places = this.places.placesFor(machine);
    const leaving = state.leaveDelta(machine);
    let best = Infinity;
    let target = -1;
    let tight = Infinity;
    const look = (place: number) => {
      if (place === avoid || this.passesOver()) return;
      const delta = state.enterDelta(machine, place, leaving, best);
      if (delta === Infinity || delta > best + 1e-9) return;
      const room = this.places.roomAt(place);
      if (delta > best - 1e-9 && room >= tight) return;
      [best, target, tight] = [delta, place, room];
    };
    const home = state.instance.origin[machine] ?? -1;
    if (home >= 0) look(home);
    if (target < 0) {
      const tries = Math.min(SAMPLE, places.length);
      for (let i = 0; i < tries; i++) look(places[random.below(places.length)] ?? 0);
      this.budget.evaluations += tries;
    }
    if (target < 0) {
      for (const place of places) look(place);
      this.budget.evaluations += places.length;
    }
    if (target < 0) return false;
    this.put(machine, target);
    return true;
  }

  /**
   * Puts a machine into a place that does not admit it: those who must go for it are put out and returned. null: nowhere, not even so.
   */
  force(machine: number): readonly number[] | null {
    const { state, random } = this;
    const mates = this.ties.matesOf(machine);
    const places =
      mates === null ? this.places.placesFor(machine) : this.places.placesFor(machine).filter(mates.isThere);
    let best: { readonly place: number; readonly out: readonly number[]; readonly price: number } | null = null;
    const tries = Math.min(FORCED, places.length);
    const first = random.below(Math.max(1, places.length));
    for (let i = 0; i < tries; i++) {
      const place = places[places.length <= FORCED ? (first + i) % places.length : random.below(places.length)] ?? 0;
      const out = this.inTheWay(machine, place);
      if (out === null) continue;
      const price = out.reduce((sum, one) => sum + this.priceToThrow(one), 0) + 1e-3 * random.fraction();
      if (best === null || price < best.price) best = { place, out, price };
    }
    this.budget.evaluations += tries;
    const mayGoTogether = mates?.members.every((mate) => state.instance.fixed[mate] !== 1) === true;
    // Who throws out those that it must be with is thrown out by them next, and so on for ever.
    const isFutile =
      mayGoTogether &&
      (best === null ||
        (places.length === 1 && best.out.some((one) => mates.members.includes(one))) ||
        ((this.thrown[machine] ?? 0) > RESTLESS && random.below(2) === 0));
    if (best !== null && !isFutile) {
      this.throwOut(best.out);
      state.insert(machine, best.place);
      return best.out;
    }
    // Where those are with whom it must be there is no room: they look for another place together.
    if (mates === null || !mayGoTogether) return null;
    this.throwOut([machine, ...mates.members]);
    return [machine, ...mates.members];
  }

  /** Nobody counts as thrown out any more. */
  forget(): void {
    this.thrown.fill(0);
  }

  /** Places that the machine's class allows. */
  placesFor(machine: number): Int32Array {
    return this.places.placesFor(machine);
  }

  private throwOut(machines: readonly number[]): void {
    for (const one of machines) {
      this.state.remove(one);
      this.thrown[one] = (this.thrown[one] ?? 0) + 1;
    }
  }

  /** Who must leave a place so that the machine may come; null: it may not even then. */
  private inTheWay(machine: number, place: number): readonly number[] | null {
    const { state } = this;
    const { instance } = state;
    const residents = (state.residents[place] ?? []).slice();
    const out = new Set<number>();
    const shortage = new Float64Array(instance.resources);
    for (let r = 0; r < instance.resources; r++) {
      const amount = instance.demand[machine * instance.resources + r] ?? 0;
      if (amount === 0) continue;
      const most = instance.capacity[place * instance.resources + r] ?? Infinity;
      shortage[r] = Math.max(0, state.load.useOf(place, r) + amount - most - 1e-9 * Math.max(1, Math.abs(most)));
    }
    const mates = residents.filter((one) => this.ties.share(machine, one));
    for (const cautious of [true, false]) {
      out.clear();
      // Those who are in a rule with the machine go only when room alone does not help.
      if (!cautious) for (const mate of mates) out.add(mate);
      const rest = shortage.map((amount, r) => {
        for (const one of out) amount -= instance.demand[one * instance.resources + r] ?? 0;
        return Math.max(0, amount);
      });
      const stayers = residents.filter((one) => !out.has(one));
      const chosen = cover(instance, stayers, rest, (one) => this.priceToThrow(one) + 1e-3);
      if (chosen === null) return null;
      for (const one of chosen) out.add(one);
      if ([...out].some((one) => instance.fixed[one] === 1)) return null;
      for (const one of out) state.remove(one);
      const admitted = state.shiftDelta(machine, place) < Infinity;
      for (const one of out) state.insert(one, place);
      if (admitted) return [...out];
      if (mates.length === 0) return null;
    }
    return null;
  }

  private priceToThrow(machine: number): number {
    return priceOf(this.state.instance, machine, this.state.place[machine] ?? -1) + WEARY * (this.thrown[machine] ?? 0);
  }

  /** Puts a whole group into one unit: first where some of it would be at home, then some units drawn at random, then any. */
  private insertGroup(members: Int32Array, domain: number): boolean {
    const { random } = this;
    const { instance } = this.state;
    const { of } = domainAt(instance, domain);
    const placesOf = this.places.unitsOf(domain);
    const worth = new Map<number, number>();
    const need = new Float64Array(instance.resources);
    for (const machine of members) {
      for (let r = 0; r < need.length; r++) {
        need[r] = (need[r] ?? 0) + (instance.demand[machine * need.length + r] ?? 0);
      }
      const origin = instance.origin[machine] ?? -1;
      const home = of[origin] ?? -1;
      // Who was thrown out again and again is not sent home again.
      if (home < 0 || (this.thrown[machine] ?? 0) > 1) continue;
      worth.set(home, (worth.get(home) ?? random.fraction() * 0.1) + priceOf(instance, machine, origin));
    }
    const homes = [...worth].sort(([, a], [, b]) => b - a).map(([unit]) => unit);
    const drawn = Array.from({ length: UNITS }, () => random.below(placesOf.length));
    const order = this.places.bySize([...members]);
    const tried = new Set<number>();
    for (const units of [homes, drawn, placesOf.keys()]) {
      for (const unit of units) {
        if (tried.has(unit) || this.passesOver()) continue;
        tried.add(unit);
        if (this.places.hasRoom(placesOf[unit] ?? [], need) && this.insertInto(order, placesOf[unit] ?? []))
          return true;
      }
    }
    return false;
  }

  /** Puts all machines into some of the places, or none. */
  private insertInto(machines: readonly number[], places: readonly number[]): boolean {
    const { state } = this;
    const put: number[] = [];
    for (const machine of machines) {
      const leaving = state.leaveDelta(machine);
      let best = Infinity;
      let target = -1;
      for (const place of places) {
        if (this.passesOver()) continue;
        const delta = state.enterDelta(machine, place, leaving, best);
        if (delta < best) [best, target] = [delta, place];
      }
      this.budget.evaluations += places.length;
      if (target < 0) break;
      state.insert(machine, target);
      put.push(machine);
    }
    if (put.length === machines.length) {
      this.placed.push(...put);
      return true;
    }
    for (const machine of put) state.remove(machine);
    return false;
  }

  private passesOver(): boolean {
    return this.blinks > 0 && this.random.fraction() < this.blinks;
  }

  private put(machine: number, place: number): void {
    this.state.insert(machine, place);
    this.placed.push(machine);
  }

  private insertAt(machine: number, place: number): boolean {
    if (place < 0 || this.state.shiftDelta(machine, place) === Infinity) return false;
    this.put(machine, place);
    return true;
  }
}
