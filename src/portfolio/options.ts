import type { Options } from '../planner/engine/search/index.js';

/** How a search is shared out. */
export interface PortfolioOptions extends Options {
  /** Threads at work, the caller's own among them. */
  readonly threads: number;
  /** Searches with seeds of their own that run side by side; with a budget of evaluations the result depends on them, not on threads. */
  readonly members?: number;
  /**
   * After each round, who is worst goes on from the best. Without a number: 4 rounds, and 1 where moves are limited, because there a search
   * that begins again has to find its price for moves again.
   */
  readonly rounds?: number;
  /** The module that threads run, when it is not beside this one (tests run sources that no thread can load). */
  readonly program?: URL;
}
