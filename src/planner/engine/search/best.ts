import type { State } from '../state.js';

/**
 * The best assignment seen. It is copied only when the search turns to something worse, or ends: while it improves, the state itself is
 * the best.
 */
export class Best {
  cost: number;
  moves: number;
  readonly assignment: Int32Array;

  constructor(state: State) {
    this.cost = state.cost;
    this.moves = state.moves;
    this.assignment = state.place.slice();
  }

  /** Takes the state if it is better; a difference within rounding is none. */
  offer(state: State): boolean {
    if (!(state.cost < this.cost - 1e-9 * Math.abs(this.cost))) return false;
    this.cost = state.cost;
    this.moves = state.moves;
    this.assignment.set(state.place);
    return true;
  }
}
