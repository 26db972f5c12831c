import { Deviations } from './deviations.js';
import { Extras } from './extras.js';
import type { Instance } from './instance.js';

/** Fields of a row for each resource: use, limit, soft limit, weight of what is above it. */
const WIDTH = 4;

/**
 * What is used of each place, what that costs, and what another machine there would change. Everything that one evaluation reads of
 * a host lies in one row, and everything that it reads of a machine in another, because a large cluster does not fit into the caches.
 *
 * A row holds WIDTH fields a resource, then for each balance objective the gap target · free(first) − free(second). The limit is the
 * capacity less what moved machines still hold of transient resources, so that one comparison answers for both.
 */
export class Load {
  /** place: what its use costs, deviations not counted. */
  readonly costOf: Float64Array;
  readonly deviations: Deviations | null;
  /** Stands for a machine where nobody comes or leaves: it needs nothing. */
  readonly nobody: number;

  private readonly resources: number;
  private readonly balances: number;
  private readonly rowLength: number;
  private readonly rows: Float64Array;
  private readonly needLength: number;
  /** machine × (demand of each resource, then change of each balance gap); the row after the last machine is nobody's: zeros. */
  private readonly needs: Float64Array;
  private readonly balanceWeight: Float64Array;
  private readonly transient: Uint8Array;
  private readonly anyTransient: boolean;
  private readonly extras: Extras | null;

  constructor(private readonly instance: Instance) {
    const { resources, places, hosts, machines, demand, objectives, transient } = instance;
    const { balance, excess } = objectives;
    this.resources = resources;
    this.nobody = machines;
    this.balances = balance.length;
    this.rowLength = WIDTH * resources + balance.length;
    this.needLength = resources + balance.length;
    this.rows = new Float64Array(places * this.rowLength);
    this.needs = new Float64Array((machines + 1) * this.needLength);
    this.balanceWeight = Float64Array.from(balance, (each) => each.weight);
    this.transient = transient;
    this.anyTransient = transient.includes(1);
    this.costOf = new Float64Array(places);
    for (let machine = 0; machine < machines; machine++) {
      const at = machine * this.needLength;
      const need = (resource: number) => demand[machine * resources + resource] ?? 0;
      for (let r = 0; r < resources; r++) this.needs[at + r] = need(r);
      balance.forEach(({ first, second, target }, index) => {
        this.needs[at + resources + index] = need(second) - target * need(first);
      });
    }
    for (let place = 0; place < places; place++) {
      for (let r = 0; r < resources; r++) {
        const at = place * this.rowLength + WIDTH * r;
        this.rows[at + 2] = place < hosts && excess !== null ? (excess.soft[place * resources + r] ?? 0) : Infinity;
        this.rows[at + 3] = place < hosts && excess !== null ? (excess.weight[place * resources + r] ?? 0) : 0;
      }
    }
    const shape = { rows: this.rows, rowLength: this.rowLength, width: WIDTH };
    this.extras = Extras.of(instance, shape, { needs: this.needs, needLength: this.needLength });
    this.deviations = objectives.deviation.length === 0 ? null : new Deviations(instance);
  }

  /** Takes an assignment as the one to count from: exact again, whatever has been added and taken away before. */
  reset(assignment: Int32Array): void {
    const { resources, places, hosts, capacity, base, objectives, origin } = this.instance;
    this.extras?.reset();
    for (let place = 0; place < places; place++) {
      const row = place * this.rowLength;
      const free = (r: number) => (capacity[place * resources + r] ?? 0) - (base[place * resources + r] ?? 0);
      for (let r = 0; r < resources; r++) {
        this.rows[row + WIDTH * r] = base[place * resources + r] ?? 0;
        this.rows[row + WIDTH * r + 1] = withSlack(capacity[place * resources + r] ?? 0);
      }
      objectives.balance.forEach(({ first, second, target }, index) => {
        this.rows[row + WIDTH * resources + index] = place < hosts ? target * free(first) - free(second) : 0;
      });
    }
    assignment.forEach((place, machine) => {
      if (place >= 0) this.add(place, machine, 1);
      const from = origin[machine] ?? -1;
      if (from >= 0 && from !== place) this.hold(from, machine, 1);
    });
    for (let place = 0; place < places; place++) this.price(place);
    this.deviations?.reset(this.rows, this.rowLength, WIDTH);
  }

  /** Σ of all rows, and of the deviations. */
  total(): number {
    return this.costOf.reduce((sum, cost) => sum + cost, 0) + (this.deviations?.cost ?? 0);
  }

  /** Use of a resource in a place. */
  useOf(place: number, resource: number): number {
    return this.rows[place * this.rowLength + WIDTH * resource] ?? 0;
  }

  /**
   * What it costs the row of `place` that the machine comes. Infinity: it does not fit; a machine that comes `home` still holds its
   * transient resources there. As soon as the cost is sure to exceed `bound` any number above it is returned.
   */
  enter(place: number, machine: number, home: boolean, bound: number): number {
    const { rows, needs, balanceWeight } = this;
    const balances = place < this.instance.hosts ? this.balances : 0;
    let at = place * this.rowLength;
    let need = machine * this.needLength;
    const end = need + this.resources;
    // Balance costs are the only ones that shrink when a machine comes, by no more than the whole row costs now.
    const limit = balances > 0 ? bound + (this.costOf[place] ?? 0) : bound;
    let delta = 0;
    for (; need < end; need++, at += WIDTH) {
      const more = needs[need] ?? 0;
      const use = rows[at] ?? 0;
      const then = use + more;
      if (then > (rows[at + 1] ?? 0) && more > 0 && !(home && this.transient[need - end + this.resources] === 1))
        return Infinity;
      const soft = rows[at + 2] ?? 0;
      if (then > soft) {
        delta += (rows[at + 3] ?? 0) * (use > soft ? more : then - soft);
        if (delta > limit) return delta;
      }
    }
    for (let b = 0; b < balances; b++) {
      const gap = rows[at + b] ?? 0;
      const then = gap + (needs[end + b] ?? 0);
      delta += (balanceWeight[b] ?? 0) * ((then > 0 ? then : 0) - (gap > 0 ? gap : 0));
    }
    return this.extras === null ? delta : delta + this.extras.change(place, machine, this.nobody);
  }

  /** What it costs the row of `place` that the machine leaves: mostly below 0. */
  leave(place: number, machine: number): number {
    const { rows, needs, balanceWeight } = this;
    const balances = place < this.instance.hosts ? this.balances : 0;
    let at = place * this.rowLength;
    let need = machine * this.needLength;
    const end = need + this.resources;
    let delta = 0;
    for (; need < end; need++, at += WIDTH) {
      const less = needs[need] ?? 0;
      const use = rows[at] ?? 0;
      const soft = rows[at + 2] ?? 0;
      if (use > soft) delta -= (rows[at + 3] ?? 0) * (use - less > soft ? less : use - soft);
    }
    for (let b = 0; b < balances; b++) {
      const gap = rows[at + b] ?? 0;
      const then = gap - (needs[end + b] ?? 0);
      delta += (balanceWeight[b] ?? 0) * ((then > 0 ? then : 0) - (gap > 0 ? gap : 0));
    }
    return this.extras === null ? delta : delta + this.extras.change(place, this.nobody, machine);
  }

  /**
   * What it costs the row of `place` that one machine comes and another (or `nobody`) leaves. Infinity: it does not fit. `homeIn`: the place is the
   * origin of the one that comes; `homeOut`: of the one that leaves, which then holds its transient resources there.
   */
  exchange(place: number, comes: number, leaves: number, homeIn: boolean, homeOut: boolean, bound: number): number {
    const { rows, needs, balanceWeight, transient } = this;
    const balances = place < this.instance.hosts ? this.balances : 0;
    let at = place * this.rowLength;
    const more = comes * this.needLength;
    const less = leaves * this.needLength;
    const limit = bound + (this.costOf[place] ?? 0);
    const special = (homeIn || homeOut) && this.anyTransient;
    let delta = 0;
    for (let r = 0; r < this.resources; r++, at += WIDTH) {
      const plus = needs[more + r] ?? 0;
      const minus = needs[less + r] ?? 0;
      const use = rows[at] ?? 0;
      const then = use + plus - minus;
      if (special && transient[r] === 1) {
        const net = (homeIn ? 0 : plus) - (homeOut ? 0 : minus);
        if (net > 0 && use + net > (rows[at + 1] ?? 0)) return Infinity;
      } else if (then > use && then > (rows[at + 1] ?? 0)) return Infinity;
      const soft = rows[at + 2] ?? 0;
      if (then > soft) delta += (rows[at + 3] ?? 0) * (use > soft ? then - use : then - soft);
      else if (use > soft) delta -= (rows[at + 3] ?? 0) * (use - soft);
    }
    for (let b = 0; b < balances; b++) {
      const gap = rows[at + b] ?? 0;
      const then = gap + (needs[more + this.resources + b] ?? 0) - (needs[less + this.resources + b] ?? 0);
      delta += (balanceWeight[b] ?? 0) * ((then > 0 ? then : 0) - (gap > 0 ? gap : 0));
      if (delta > limit) return delta;
    }
    return this.extras === null ? delta : delta + this.extras.change(place, comes, leaves);
  }

  /** Writes how much of each resource a place lacks for a machine to come; tells whether it lacks any. */
  lack(place: number, machine: number, into: Float64Array): boolean {
    const { rows, needs } = this;
    const home = this.instance.origin[machine] === place;
    let any = false;
    for (let r = 0; r < this.resources; r++) {
      const at = place * this.rowLength + WIDTH * r;
      const more = home && this.transient[r] === 1 ? 0 : (needs[machine * this.needLength + r] ?? 0);
      const short = more > 0 ? Math.max(0, (rows[at] ?? 0) + more - (rows[at + 1] ?? 0)) : 0;
      into[r] = short;
      if (short > 0) any = true;
    }
    return any;
  }

  /** Whether a host has room for what machines hold that change between places within it; only transient resources change then. */
  holdsWithin(host: number, first: number, firstHold: number, second: number, secondHold: number): boolean {
    if (!this.anyTransient) return true;
    for (let r = 0; r < this.resources; r++) {
      if (this.transient[r] !== 1) continue;
      const plus =
        firstHold * (this.needs[first * this.needLength + r] ?? 0) +
        secondHold * (this.needs[second * this.needLength + r] ?? 0);
      const at = host * this.rowLength + WIDTH * r;
      if (plus > 0 && (this.rows[at] ?? 0) + plus > (this.rows[at + 1] ?? 0)) return false;
    }
    return true;
  }

  /** Puts a machine from one place to another (-1: nowhere) and prices the rows it touched again. Returns the change of cost. */
  put(machine: number, from: number, to: number): number {
    const { hostOf, origin } = this.instance;
    const home = origin[machine] ?? -1;
    const out = from < 0 ? -1 : (hostOf[from] ?? from);
    const into = to < 0 ? -1 : (hostOf[to] ?? to);
    let delta = 0;
    if (from >= 0) {
      this.add(from, machine, -1);
      if (from === home && this.anyTransient) this.hold(home, machine, 1);
    }
    if (to >= 0) {
      this.add(to, machine, 1);
      if (to === home && this.anyTransient) this.hold(home, machine, -1);
    }
    if (from >= 0) delta += this.price(from);
    if (out >= 0 && out !== from) delta += this.price(out);
    if (to >= 0) delta += this.price(to);
    if (into >= 0 && into !== to) delta += this.price(into);
    if (this.deviations !== null && out !== into) delta += this.deviations.move(out, into, machine);
    return delta;
  }

  private add(place: number, machine: number, times: number): void {
    const host = this.instance.hostOf[place] ?? place;
    this.addTo(place, machine, times);
    if (host !== place) this.addTo(host, machine, times);
  }

  private addTo(place: number, machine: number, times: number): void {
    const { rows, needs, resources } = this;
    const need = machine * this.needLength;
    const at = place * this.rowLength;
    this.extras?.add(place, times);
    for (let r = 0; r < resources; r++) {
      rows[at + WIDTH * r] = (rows[at + WIDTH * r] ?? 0) + times * (needs[need + r] ?? 0);
    }
    for (let b = 0; b < this.balances; b++) {
      const gap = at + WIDTH * resources + b;
      rows[gap] = (rows[gap] ?? 0) + times * (needs[need + resources + b] ?? 0);
    }
  }

  private hold(place: number, machine: number, times: number): void {
    const host = this.instance.hostOf[place] ?? place;
    for (let r = 0; r < this.resources; r++) {
      if (this.transient[r] !== 1) continue;
      const amount = times * (this.needs[machine * this.needLength + r] ?? 0);
      const at = place * this.rowLength + WIDTH * r + 1;
      this.rows[at] = (this.rows[at] ?? 0) - amount;
      if (host === place) continue;
      const above = host * this.rowLength + WIDTH * r + 1;
      this.rows[above] = (this.rows[above] ?? 0) - amount;
    }
  }

  /** Prices a row from nothing; returns the change. */
  private price(place: number): number {
    const { rows, resources } = this;
    const row = place * this.rowLength;
    let cost = 0;
    for (let at = row; at < row + WIDTH * resources; at += WIDTH) {
      const over = (rows[at] ?? 0) - (rows[at + 2] ?? 0);
      if (over > 0) cost += (rows[at + 3] ?? 0) * over;
    }
    for (let b = 0; b < this.balances; b++) {
      const gap = rows[row + WIDTH * resources + b] ?? 0;
      if (gap > 0 && place < this.instance.hosts) cost += (this.balanceWeight[b] ?? 0) * gap;
    }
    if (this.extras !== null) cost += this.extras.cost(place);
    const change = cost - (this.costOf[place] ?? 0);
    this.costOf[place] = cost;
    return change;
  }
}

/** Sums of fractions end a little above or below what they should be; the slack is half of what `violationsOf` allows. */
function withSlack(capacity: number): number {
  return capacity + 0.5e-9 * Math.max(1, Math.abs(capacity));
}
