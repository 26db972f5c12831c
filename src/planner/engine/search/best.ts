import type { State } from '../state.js';

/**
 * The best assignment seen. Who tells which machines went (`note`) pays for those alone when something better is found: a copy of all
 * machines at each improvement would take longer than the search.
 */
export class Best {
  cost: number;
  moves: number;
  readonly assignment: Int32Array;
  private readonly journal: Int32Array;
  private noted = 0;

  constructor(state: State) {
    this.cost = state.cost;
    this.moves = state.moves;
    this.assignment = state.place.slice();
    this.journal = new Int32Array(64 + (state.place.length >> 2));
  }

  /** Takes the state if it is better; a difference within rounding is none. */
  offer(state: State): boolean {
    if (!this.improves(state)) return false;
    this.assignment.set(state.place);
    this.noted = 0;
    return true;
  }

  /** Tells that the machine went somewhere since the last `offerNoted`; begins when the state is the best one. */
  note(machine: number): void {
    if (this.noted < this.journal.length) this.journal[this.noted] = machine;
    this.noted++;
  }

  /** Tells that the state has become something else altogether. */
  forget(): void {
    this.noted = this.journal.length + 1;
  }

  /** `offer`, where every machine that went since the state was the best one has been noted. */
  offerNoted(state: State): boolean {
    if (!this.improves(state)) return false;
    if (this.noted > this.journal.length) this.assignment.set(state.place);
    else {
      for (let i = 0; i < this.noted; i++) {
        const machine = this.journal[i] ?? 0;
        this.assignment[machine] = state.place[machine] ?? -1;
      }
    }
    this.noted = 0;
    return true;
  }

  private improves(state: State): boolean {
    if (!(state.cost < this.cost - 1e-12 * Math.abs(this.cost))) return false;
    this.cost = state.cost;
    this.moves = state.moves;
    return true;
  }
}
