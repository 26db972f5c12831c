/** Ends of moves to come, the earliest first; of two at one time the one that was put in first. */
export class Clock {
  #times: number[] = [];
  #order: number[] = [];
  #machines: number[] = [];
  #count = 0;

  get isEmpty(): boolean {
    return this.#times.length === 0;
  }

  /** Time of the next end; Infinity when there is none. */
  get next(): number {
    return this.#times[0] ?? Infinity;
  }

  put(time: number, machine: number): void {
    this.#times.push(time);
    this.#order.push(this.#count++);
    this.#machines.push(machine);
    for (let i = this.#times.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (this.#before(parent, i)) break;
      this.#swap(parent, i);
      i = parent;
    }
  }

  /** Machine whose move ends next; -1 when there is none. */
  take(): number {
    const first = this.#machines[0] ?? -1;
    const last = this.#times.length - 1;
    if (last < 0) return -1;
    this.#swap(0, last);
    this.#times.pop();
    this.#order.pop();
    this.#machines.pop();
    for (let i = 0; ;) {
      let child = 2 * i + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#before(child + 1, child)) child += 1;
      if (this.#before(i, child)) break;
      this.#swap(i, child);
      i = child;
    }
    return first;
  }

  #before(a: number, b: number): boolean {
    const difference = (this.#times[a] ?? 0) - (this.#times[b] ?? 0);
    return difference < 0 || (difference === 0 && (this.#order[a] ?? 0) < (this.#order[b] ?? 0));
  }

  #swap(a: number, b: number): void {
    for (const list of [this.#times, this.#order, this.#machines]) {
      const kept = list[a] ?? 0;
      list[a] = list[b] ?? 0;
      list[b] = kept;
    }
  }
}
