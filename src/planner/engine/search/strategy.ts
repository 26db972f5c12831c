/** What is good for one problem and bad for another, by a lot; a short search with each tells. */
export interface Strategy {
  /** What it costs to be away from home, in temperatures, where something is transient. */
  readonly priceOfHold: number;
  /** Share of exchanges of one machine for several, each of which takes as long as some ten other changes. */
  readonly exchanges: number;
}

const TABLE: readonly Strategy[] = [
  { priceOfHold: 4, exchanges: 0.02 },
  { priceOfHold: 0, exchanges: 0.005 },
  { priceOfHold: 6, exchanges: 0 },
  { priceOfHold: 1, exchanges: 0.06 },
];

/** How many strategies there are. */
export const STRATEGIES = TABLE.length;

/** A strategy by its number; throws `RangeError` when there is none. */
export function strategyAt(index: number): Strategy {
  const found = TABLE[index];
  if (found === undefined) throw new RangeError(`there is no strategy ${index}`);
  return found;
}
