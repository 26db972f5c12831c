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
  /** host × kind. A host that does not take part has the scale 0, and so has the row after the last host, which stands for nowhere. */
  private readonly scale: Float64Array;
  private readonly value: Float64Array;
  /** machine × kind; the row after the last machine is nobody's: zeros. */
  private readonly amount: Float64Array;
  private readonly share: Float64Array;
  private readonly sum: Float64Array;
  private readonly squares: Float64Array;

  constructor(private readonly instance: Instance) {
    const { hosts, machines, resources, demand, objectives } = instance;
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
    this.share = this.count.map((count) => 1 / count);
    this.scale = new Float64Array((hosts + 1) * kinds.length);
    this.value = new Float64Array((hosts + 1) * kinds.length);
    this.amount = new Float64Array((machines + 1) * kinds.length);
    this.sum = new Float64Array(kinds.length);
    this.squares = new Float64Array(kinds.length);
    kinds.forEach(({ scale, hosts: taking }, kind) => {
      for (let host = 0; host < hosts; host++) {
        this.scale[host * this.kinds + kind] = taking[host] === 1 ? (scale[host] ?? 0) : 0;
      }
      for (let machine = 0; machine < machines; machine++) {
        this.amount[machine * this.kinds + kind] = demand[machine * resources + (this.resource[kind] ?? 0)] ?? 0;
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
      this.cost += (this.weight[kind] ?? 0) * this.deviation(kind);
    });
  }

  /**
   * Change of the cost when `machine` goes from one host to another and `other` (-1: nobody) the other way; -1 is nowhere, and the hosts
   * differ.
   */
  delta(from: number, to: number, machine: number, other: number): number {
    const { kinds, amount, scale, value, sum, squares, share, weight } = this;
    let a = machine * kinds;
    let b = (other < 0 ? this.instance.machines : other) * kinds;
    let out = (from < 0 ? this.instance.hosts : from) * kinds;
    let into = (to < 0 ? this.instance.hosts : to) * kinds;
    let cost = -this.cost;
    for (let kind = 0; kind < kinds; kind++, a++, b++, out++, into++) {
      const net = (amount[a] ?? 0) - (amount[b] ?? 0);
      const more = net * (scale[into] ?? 0);
      const less = net * (scale[out] ?? 0);
      const part = share[kind] ?? 0;
      const mean = ((sum[kind] ?? 0) + more - less) * part;
      const moment = more * (2 * (value[into] ?? 0) + more) - less * (2 * (value[out] ?? 0) - less);
      const variance = ((squares[kind] ?? 0) + moment) * part - mean * mean;
      if (variance > 0) cost += (weight[kind] ?? 0) * Math.sqrt(variance);
    }
    return cost;
  }

  /** Moves a machine between two different hosts (-1: nowhere) and returns the change of the cost. */
  move(from: number, to: number, machine: number): number {
    let cost = 0;
    for (let kind = 0; kind < this.kinds; kind++) {
      const amount = this.amount[machine * this.kinds + kind] ?? 0;
      if (to >= 0) this.change(to, kind, amount);
      if (from >= 0) this.change(from, kind, -amount);
      cost += (this.weight[kind] ?? 0) * this.deviation(kind);
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

  private deviation(kind: number): number {
    const part = this.share[kind] ?? 0;
    const mean = (this.sum[kind] ?? 0) * part;
    const variance = (this.squares[kind] ?? 0) * part - mean * mean;
    return variance > 0 ? Math.sqrt(variance) : 0;
  }
}
