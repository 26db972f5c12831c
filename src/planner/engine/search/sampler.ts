import type { Instance } from '../instance.js';
import type { Random } from '../random.js';

/** Machines are sorted by size into so many drawers of about the same number. */
const DRAWERS = 32;
/** Entries of the table that a drawer is drawn from. */
const TABLE = 1024;
/** This share of all draws goes to all drawers alike, however little they give. */
const ALIKE = 0.3;
/** A similar machine stands at most this share of all machines away in the order of size, mostly much nearer: down to 2^-SPAN of them. */
const SPAN = 10;

/**
 * Draws machines by what changes of machines of their size have brought lately. When the temperature is high only large machines change
 * the cost; when it is low only small ones can still go anywhere; so the draws follow the cooling by themselves.
 */
export class Sampler {
  private readonly bySize: Int32Array;
  private readonly rank: Int32Array;
  private readonly drawers: number;
  private readonly table = new Uint8Array(TABLE);
  private readonly drawn: Float64Array;
  private readonly changed: Float64Array;
  private readonly worth: Float64Array;

  constructor(instance: Instance) {
    const { machines, fixed } = instance;
    const sizes = sizesOf(instance);
    this.bySize = Int32Array.from({ length: machines }, (_, machine) => machine)
      .filter((machine) => fixed[machine] !== 1)
      .sort((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0) || a - b);
    this.rank = new Int32Array(machines).fill(-1);
    this.bySize.forEach((machine, rank) => (this.rank[machine] = rank));
    this.drawers = Math.min(DRAWERS, this.bySize.length);
    this.drawn = new Float64Array(this.drawers);
    this.changed = new Float64Array(this.drawers);
    this.worth = new Float64Array(this.drawers).fill(1);
    this.deal();
  }

  /** Machines that can be drawn at all. */
  get count(): number {
    return this.bySize.length;
  }

  draw(random: Random): number {
    const drawer = this.table[random.below(TABLE)] ?? 0;
    const start = this.startOf(drawer);
    this.drawn[drawer] = (this.drawn[drawer] ?? 0) + 1;
    return this.bySize[start + random.below(this.startOf(drawer + 1) - start)] ?? 0;
  }

  /** Any other machine of about the same size, or the same one. */
  similar(machine: number, random: Random): number {
    const span = 1 + (this.count >>> random.below(SPAN + 1));
    const rank = (this.rank[machine] ?? 0) + random.below(2 * span + 1) - span;
    return this.bySize[Math.max(0, Math.min(this.count - 1, rank))] ?? machine;
  }

  any(random: Random): number {
    return this.bySize[random.below(this.count)] ?? 0;
  }

  /** A machine, rather a large one: the cube of chance from the top of the order of size. */
  large(random: Random): number {
    return this.bySize[this.count - 1 - Math.floor(random.fraction() ** 3 * this.count)] ?? 0;
  }

  /** Where the machine stands in the order of size, the smallest at 0; -1: it is fixed. */
  rankOf(machine: number): number {
    return this.rank[machine] ?? -1;
  }

  /** Notes that a change of the machine was made that changed the cost by so much, up or down. */
  learn(machine: number, delta: number): void {
    const drawer = Math.min(this.drawers - 1, Math.floor(((this.rank[machine] ?? 0) * this.drawers) / this.count));
    this.changed[drawer] = (this.changed[drawer] ?? 0) + Math.abs(delta);
  }

  /** Deals the draws again by what was learnt since the last time. */
  deal(): void {
    for (let drawer = 0; drawer < this.drawers; drawer++) {
      const lately = Math.sqrt((this.changed[drawer] ?? 0) / Math.max(1, this.drawn[drawer] ?? 0));
      this.worth[drawer] = 0.5 * (this.worth[drawer] ?? 0) + 0.5 * lately;
      this.changed[drawer] = this.drawn[drawer] = 0;
    }
    const sum = this.worth.reduce((a, b) => a + b, 0);
    let [entry, share] = [0, 0];
    for (let drawer = 0; drawer < this.drawers; drawer++) {
      share +=
        ALIKE / this.drawers + (sum > 0 ? ((1 - ALIKE) * (this.worth[drawer] ?? 0)) / sum : (1 - ALIKE) / this.drawers);
      for (const end = Math.min(TABLE, Math.round(share * TABLE)); entry < end; entry++) this.table[entry] = drawer;
    }
  }

  private startOf(drawer: number): number {
    return Math.ceil((drawer * this.count) / this.drawers);
  }
}

/** machine: its demand as a share of all demand, summed over the resources. */
function sizesOf({ machines, resources, demand }: Instance): Float64Array {
  const whole = new Float64Array(resources);
  for (let at = 0; at < demand.length; at++) whole[at % resources] = (whole[at % resources] ?? 0) + (demand[at] ?? 0);
  const sizes = new Float64Array(machines);
  for (let at = 0; at < demand.length; at++) {
    const all = whole[at % resources] ?? 0;
    const machine = Math.floor(at / resources);
    if (all > 0) sizes[machine] = (sizes[machine] ?? 0) + (demand[at] ?? 0) / all;
  }
  return sizes;
}
