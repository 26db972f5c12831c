import type { State } from '../state.js';

/** Changes of a state that can be taken back. */
export class Journal {
  readonly #made: { readonly machine: number; readonly from: number }[] = [];

  constructor(readonly state: State) {}

  shift(machine: number, to: number): void {
    this.#made.push({ machine, from: this.state.place[machine] ?? -1 });
    this.state.shift(machine, to);
  }

  /** To come back to with `undo`. */
  get mark(): number {
    return this.#made.length;
  }

  /** Takes back what was done since the mark. */
  undo(mark: number): void {
    for (let last = this.#made.length > mark ? this.#made.pop() : undefined; last !== undefined;) {
      this.state.shift(last.machine, last.from);
      last = this.#made.length > mark ? this.#made.pop() : undefined;
    }
  }
}
