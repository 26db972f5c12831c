/** What is measured of a subject; several parts make one metric. */
export type Part =
  /** Machines: CPUs in use. Hosts: used share of the CPUs. */
  | 'cpu'
  /** Machines: MiB of the host. Hosts: used share of the memory. */
  | 'memory'
  /** CPUs that virtual CPUs wanted and did not get. */
  | 'delay'
  /** Mbit/s through NICs that the host sees. */
  | 'tap-rx'
  | 'tap-tx'
  /** Mbit/s and packets a second through virtual functions. */
  | 'vf-rx'
  | 'vf-tx'
  | 'vf-rx-packets'
  | 'vf-tx-packets';

export interface Subject {
  readonly kind: 'host' | 'machine';
  readonly name: string;
}

/** One part of one subject over a stretch of time, as the mean over it. Times are epoch milliseconds. */
export interface Reading {
  readonly subject: Subject;
  readonly part: Part;
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** What a host can carry, for shares of it. */
export interface HostCapacity {
  readonly cpus: number;
  /** All its ports together. */
  readonly lineMbps: number;
}

/** A mean, and for how much of the asked time there were readings. */
export interface Mean {
  readonly value: number;
  readonly coveredMs: number;
}

/** However long windows are, not more than a day is kept. */
const LONGEST_MS = 86_400_000;

/** What was measured during one piece. */
interface Cell {
  sum: number;
  ms: number;
}

type Series = Map<number, Cell>;

/** The series of one subject. */
export interface Track {
  readonly subject: Subject;
  readonly parts: ReadonlyMap<Part, ReadonlyMap<number, Readonly<Cell>>>;
}

/** What was measured in the last while, of all hosts and machines: bounded, and only ever means of what was really read. */
export class LoadHistory {
  readonly #tracks = new Map<string, { readonly subject: Subject; readonly parts: Map<Part, Series> }>();
  readonly #capacities = new Map<string, HostCapacity>();
  readonly #places = new Map<string, string>();
  #keepMs: number;
  #prunedAt = 0;

  /** Readings are kept as means over pieces of `pieceMs`; windows that are shorter than a piece get that of the piece. */
  constructor(
    keepMs: number,
    readonly pieceMs: number,
  ) {
    this.#keepMs = Math.min(keepMs, LONGEST_MS);
  }

  get tracks(): Iterable<Track> {
    return this.#tracks.values();
  }

  /** What hosts can carry, and where machines were last measured. */
  get capacities(): ReadonlyMap<string, HostCapacity> {
    return this.#capacities;
  }

  get places(): ReadonlyMap<string, string> {
    return this.#places;
  }

  /** Keeps at least this much from now on, up to a day. */
  keep(ms: number): void {
    this.#keepMs = Math.min(Math.max(this.#keepMs, ms), LONGEST_MS);
  }

  setCapacity(host: string, capacity: HostCapacity): void {
    this.#capacities.set(host, capacity);
  }

  setPlace(machine: string, host: string): void {
    this.#places.set(machine, host);
  }

  /** Takes a reading; it is spread evenly over the pieces that it lies in. */
  add({ subject, part, from, to, value }: Reading): void {
    if (!(to > from) || !Number.isFinite(value)) return;
    const series = this.#series(subject, part);
    for (let at = this.#pieceOf(from); at < to; at += this.pieceMs) {
      const ms = Math.min(to, at + this.pieceMs) - Math.max(from, at);
      const cell = series.get(at);
      if (cell === undefined) series.set(at, { sum: value * ms, ms });
      else {
        cell.sum += value * ms;
        cell.ms += ms;
      }
    }
    if (Math.abs(to - this.#prunedAt) >= this.pieceMs) this.#prune(to);
  }

  /** Takes a piece of somebody else's history, unless more of it is known here. */
  adopt(subject: Subject, part: Part, at: number, mean: Mean): void {
    const series = this.#series(subject, part);
    if ((series.get(at)?.ms ?? 0) >= mean.coveredMs) return;
    series.set(at, { sum: mean.value * mean.coveredMs, ms: mean.coveredMs });
  }

  /** The mean from one time to another; null when nothing was read in between. */
  mean(track: Track, part: Part, from: number, to: number): Mean | null {
    const series = track.parts.get(part);
    if (series === undefined) return null;
    let [sum, ms] = [0, 0];
    for (let at = this.#pieceOf(from); at < to; at += this.pieceMs) {
      const cell = series.get(at);
      if (cell === undefined) continue;
      const share = (Math.min(to, at + this.pieceMs) - Math.max(from, at)) / this.pieceMs;
      sum += cell.sum * share;
      ms += cell.ms * share;
    }
    return ms === 0 ? null : { value: sum / ms, coveredMs: Math.min(ms, to - from) };
  }

  #series(subject: Subject, part: Part): Series {
    const key = `${subject.kind} ${subject.name}`;
    const track = this.#tracks.get(key) ?? { subject, parts: new Map<Part, Series>() };
    this.#tracks.set(key, track);
    const series = track.parts.get(part) ?? (new Map() as Series);
    track.parts.set(part, series);
    return series;
  }

  /** Forgets what is too old, and what a clock that was wrong has put into the future. */
  #prune(now: number): void {
    this.#prunedAt = now;
    for (const [key, { subject, parts }] of this.#tracks) {
      for (const [part, series] of parts) {
        for (const at of series.keys()) if (at < now - this.#keepMs || at > now + this.pieceMs) series.delete(at);
        if (series.size === 0) parts.delete(part);
      }
      if (parts.size > 0) continue;
      this.#tracks.delete(key);
      if (subject.kind === 'machine') this.#places.delete(subject.name);
    }
  }

  #pieceOf(at: number): number {
    return Math.floor(at / this.pieceMs) * this.pieceMs;
  }
}
