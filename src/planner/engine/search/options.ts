/** What a search may use and where it begins. */
export interface Options {
  /** The same seed gives the same result as long as only `evaluations` bound the search. */
  readonly seed: number;
  /** Whichever is used up first ends the search; without either it ends where no change is better. */
  readonly budget: { readonly evaluations?: number; readonly seconds?: number };
  /** Milliseconds on any clock; needed for a budget of seconds. */
  readonly now?: () => number;
  /** At most so many machines may be away from where they ran. */
  readonly maxMoves?: number;
  /** Where to begin instead of at the origin: an earlier result. */
  readonly start?: Int32Array;
  /** What share of the whole search lies behind, and where this one ends, each 0 to 1: a search in rounds cools as one search does. */
  readonly phase?: { readonly from: number; readonly to: number };
  /** Which of the `STRATEGIES` of annealing is used, from 0; the first one unless told. */
  readonly strategy?: number;
  /** Called with each better assignment, at most some hundred times; the array may be kept. */
  readonly onImprovement?: (assignment: Int32Array, cost: number) => void;
}

export interface Result {
  readonly assignment: Int32Array;
  readonly cost: number;
  readonly startCost: number;
  readonly evaluations: number;
  /** Machines that ran at the start and are elsewhere. */
  readonly moves: number;
}
