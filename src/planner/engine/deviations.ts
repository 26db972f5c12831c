import type { Instance } from './instance.js';

/**
 * The standard deviations over the hosts, kept by Σ x and Σ x²: what a move changes is known from the two hosts it touches. The sums are
 * of distances from the mean at the start, so that little is lost when the deviation is small beside the mean.
 */
export class Deviations {
  /** Σ of weight · deviation. */
  cost = 0;

  private readonly kinds: number;
  private readonly resource: Int32Array;
  private readonly weight: Float64Array;
  private readonly count: Float64Array;
  /** host × kind. A host that does not take part has the scale 0. */
  private readonly scale: Float64Array;
  private readonly value: Float64Array;
  private readonly sum: Float64Array;
  private readonly squares: Float64Array;

  constructor(private readonly instance: Instance) {
    const { hosts, objectives } = instance;
    const kinds = objectives.deviation;
    this.kinds = kinds.length;
    this.resource = Int32Array.from(kinds, (kind) => kind.resource);
    this.weight = Float64Array.from(kinds, (kind) => kind.weight);
    this.count = Float64Array.from(kinds, (kind) =>
      Math.max(
        1,
        kind.hosts.reduce((sum, taking) => sum + taking, 0),
      ),
    );
    this.scale = new Float64Array(hosts * kinds.length);
    this.value = new Float64Array(hosts * kinds.length);
    this.sum = new Float64Array(kinds.length);
    this.squares = new Float64Array(kinds.length);
    kinds.forEach(({ scale, hosts: taking }, kind) => {
      for (let host = 0; host < hosts; host++) {
        this.scale[host * this.kinds + kind] = taking[host] === 1 ? (scale[host] ?? 0) : 0;
      }
    });
  }

  /** Counts from the use in `rows`, `width` fields a resource. */
  reset(rows: Float64Array, rowLength: number, width: number): void {
    const { hosts, objectives } = this.instance;
    this.cost = 0;
    objectives.deviation.forEach(({ resource, offset, hosts: taking }, kind) => {
      const value = (host: number) =>
        ((offset[host] ?? 0) + (rows[host * rowLength + width * resource] ?? 0)) *
        (this.scale[host * this.kinds + kind] ?? 0);
      let mean = 0;
      for (let host = 0; host < hosts; host++) mean += value(host) / (this.count[kind] ?? 1);
      let [sum, squares] = [0, 0];
      for (let host = 0; host < hosts; host++) {
        if (taking[host] !== 1) continue;
        const distance = value(host) - mean;
        this.value[host * this.kinds + kind] = distance;
        sum += distance;
        squares += distance * distance;
      }
      this.sum[kind] = sum;
      this.squares[kind] = squares;
      this.cost += (this.weight[kind] ?? 0) * this.deviation(kind, 0, 0);
    });
  }

  /**
   * Change of the cost when `machine` goes from one host to another and `other` (-1: nobody) the other way; -1 is nowhere, and the hosts
   * differ.
   */
  delta(from: number, to: number, machine: number, other: number): number {
    const { demand, resources } = this.instance;
    let cost = 0;
    for (let kind = 0; kind < this.kinds; kind++) {
      const resource = this.resource[kind] ?? 0;
      let amount = demand[machine * resources + resource] ?? 0;
      if (other >= 0) amount -= demand[other * resources + resource] ?? 0;
      let [sum, squares] = [0, 0];
      if (to >= 0) {
        const change = amount * (this.scale[to * this.kinds + kind] ?? 0);
        sum = change;
        squares = change * (2 * (this.value[to * this.kinds + kind] ?? 0) + change);
      }
      if (from >= 0) {
        const change = -amount * (this.scale[from * this.kinds + kind] ?? 0);
        sum += change;
        squares += change * (2 * (this.value[from * this.kinds + kind] ?? 0) + change);
      }
      cost += (this.weight[kind] ?? 0) * this.deviation(kind, sum, squares);
    }
    return cost - this.cost;
  }

  /** Moves a machine between two different hosts (-1: nowhere) and returns the change of the cost. */
  move(from: number, to: number, machine: number): number {
    const { demand, resources } = this.instance;
    let cost = 0;
    for (let kind = 0; kind < this.kinds; kind++) {
      const amount = demand[machine * resources + (this.resource[kind] ?? 0)] ?? 0;
      if (to >= 0) this.change(to, kind, amount);
      if (from >= 0) this.change(from, kind, -amount);
      cost += (this.weight[kind] ?? 0) * this.deviation(kind, 0, 0);
    }
    const delta = cost - this.cost;
    this.cost = cost;
    return delta;
  }

  private change(host: number, kind: number, amount: number): void {
    const at = host * this.kinds + kind;
    const change = amount * (this.scale[at] ?? 0);
    const value = this.value[at] ?? 0;
    this.sum[kind] = (this.sum[kind] ?? 0) + change;
    this.squares[kind] = (this.squares[kind] ?? 0) + change * (2 * value + change);
    this.value[at] = value + change;
  }

  private deviation(kind: number, moreSum: number, moreSquares: number): number {
    const count = this.count[kind] ?? 1;
    const mean = ((this.sum[kind] ?? 0) + moreSum) / count;
    const variance = ((this.squares[kind] ?? 0) + moreSquares) / count - mean * mean;
    return variance > 0 ? Math.sqrt(variance) : 0;
  }
}
