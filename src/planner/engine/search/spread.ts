import type { State } from '../state.js';

/**
 * How much more a shift can save after another one has changed the standard deviations. A shift that changes the variance σ² by x saves
 * σ − √(σ² + x); when σ falls, the difference between after and before grows with falling x, and when σ rises with rising x, so that
 * the least and the greatest x that the machine can cause bound it. Where hosts differ in size, the mean moves, too, and x with it.
 */
export class Spread {
  private readonly kinds: number;
  /** host × kind: distance from the mean at the start. */
  private readonly value: Float64Array;
  private readonly scale: Float64Array;
  private readonly most: Float64Array;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly before: Float64Array;
  private readonly after: Float64Array;
  private readonly mean: Float64Array;
  private readonly meanMoved: Float64Array;
  private readonly count: Float64Array;
  private readonly amount: Float64Array;
  private readonly weight: Float64Array;

  constructor(private readonly state: State) {
    const { hosts, machines, resources, demand, objectives } = state.instance;
    const kinds = objectives.deviation;
    this.kinds = kinds.length;
    const zeros = () => new Float64Array(kinds.length);
    [this.most, this.low, this.high, this.before, this.after] = [zeros(), zeros(), zeros(), zeros(), zeros()];
    [this.mean, this.meanMoved] = [zeros(), zeros()];
    this.value = new Float64Array(hosts * kinds.length);
    this.scale = new Float64Array(hosts * kinds.length);
    this.amount = new Float64Array(machines * kinds.length);
    this.weight = Float64Array.from(kinds, ({ weight }) => weight);
    this.count = Float64Array.from(kinds, (kind) => Math.max(1, kind.hosts.filter((taking) => taking === 1).length));
    kinds.forEach(({ resource, offset, scale, hosts: taking }, kind) => {
      let mean = 0;
      for (let host = 0; host < hosts; host++) {
        if (taking[host] !== 1) continue;
        const at = host * this.kinds + kind;
        this.scale[at] = scale[host] ?? 0;
        this.value[at] = ((offset[host] ?? 0) + state.load.useOf(host, resource)) * (scale[host] ?? 0);
        this.most[kind] = Math.max(this.most[kind] ?? 0, scale[host] ?? 0);
        mean += (this.value[at] ?? 0) / (this.count[kind] ?? 1);
      }
      for (let host = 0; host < hosts; host++) {
        if (taking[host] === 1)
          this.value[host * this.kinds + kind] = (this.value[host * this.kinds + kind] ?? 0) - mean;
      }
      for (let machine = 0; machine < machines; machine++) {
        this.amount[machine * this.kinds + kind] = demand[machine * resources + resource] ?? 0;
      }
    });
    this.measure();
  }

  /** Tells that a machine has gone from one place to another. */
  moved(machine: number, from: number, to: number): void {
    const { hostOf } = this.state.instance;
    for (let kind = 0; kind < this.kinds; kind++) {
      const amount = this.amount[machine * this.kinds + kind] ?? 0;
      const out = (hostOf[from] ?? from) * this.kinds + kind;
      const into = (hostOf[to] ?? to) * this.kinds + kind;
      this.value[out] = (this.value[out] ?? 0) - amount * (this.scale[out] ?? 0);
      this.value[into] = (this.value[into] ?? 0) + amount * (this.scale[into] ?? 0);
    }
    this.measure();
  }

  /** Bound of what a shift of the machine saves more since the last move, ≥ 0. */
  gainMore(machine: number, place: number): number {
    const host = this.state.instance.hostOf[place] ?? place;
    let more = 0;
    for (let kind = 0; kind < this.kinds; kind++) {
      const amount = this.amount[machine * this.kinds + kind] ?? 0;
      if (amount === 0) continue;
      const at = host * this.kinds + kind;
      const count = this.count[kind] ?? 1;
      const [before, after, mean] = [this.before[kind] ?? 0, this.after[kind] ?? 0, this.mean[kind] ?? 0];
      const less = amount * (this.scale[at] ?? 0);
      const plus = amount * (this.most[kind] ?? 0);
      const leaving = -less * (2 * (this.value[at] ?? 0) - less);
      // The change of the mean lies between these, and its square counts against that of the squares.
      const [down, up] = [-less / count, (plus - less) / count];
      const shiftOf = (change: number) => -change * (2 * mean + change);
      const drift = 2 * Math.abs(this.meanMoved[kind] ?? 0) * Math.max(-down, Math.abs(up));
      let change: number;
      if (before * before > after * after - drift) {
        const low = this.low[kind] ?? 0;
        const step = Math.min(plus, Math.max(0, -low));
        change = (leaving + step * (2 * low + step)) / count + Math.min(shiftOf(down), shiftOf(up));
        change = Math.max(change, drift - after * after);
      } else {
        const top = -mean > down && -mean < up ? mean * mean : Math.max(shiftOf(down), shiftOf(up));
        change = (leaving + Math.max(0, plus * (2 * (this.high[kind] ?? 0) + plus))) / count + top;
      }
      const root = (variance: number) => Math.sqrt(Math.max(0, variance));
      const saved = after - before + root(before * before + change) - root(after * after + change - drift);
      more += (this.weight[kind] ?? 0) * saved;
    }
    return Math.max(0, more) + 1e-12;
  }

  private measure(): void {
    const { hosts, objectives } = this.state.instance;
    for (let kind = 0; kind < this.kinds; kind++) {
      const taking = objectives.deviation[kind]?.hosts;
      let [sum, squares, low, high] = [0, 0, Infinity, -Infinity];
      for (let host = 0; host < hosts; host++) {
        if (taking?.[host] !== 1) continue;
        const value = this.value[host * this.kinds + kind] ?? 0;
        sum += value;
        squares += value * value;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      const mean = sum / (this.count[kind] ?? 1);
      this.meanMoved[kind] = mean - (this.mean[kind] ?? 0);
      this.mean[kind] = mean;
      this.before[kind] = this.after[kind] ?? 0;
      this.after[kind] = Math.sqrt(Math.max(0, squares / (this.count[kind] ?? 1) - mean * mean));
      this.low[kind] = low;
      this.high[kind] = high;
    }
  }
}
